package conformance

import "context"

func virtually(main func(ctx context.Context) error) error { return main(context.Background()) }
