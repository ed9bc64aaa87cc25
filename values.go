package asyncio

import (
	"context"
	"reflect"
)

// What context.WithValue returns is so common between a task and its scope that the
// loop looks through it. To ask such a context for its Done channel would tell as well
// whose cancellation it stands under, but it would make the channel: the scope would
// then have to stay for its sake, in the tree, after the end of its task, as if
// somebody outside waited for it.
var (
	contextType  = reflect.TypeFor[context.Context]()
	valueContext = reflect.TypeOf(context.WithValue(context.Background(), scopeKey{}, nil))
	// transparent tells that this version of the standard library is built as
	// expected: a pointer to a struct that begins with the context below.
	transparent = valueContext.Kind() == reflect.Pointer &&
		valueContext.Elem().Kind() == reflect.Struct &&
		valueContext.Elem().NumField() > 0 &&
		valueContext.Elem().Field(0).IsExported() &&
		valueContext.Elem().Field(0).Type == contextType
)

// belowValues is the scope of which ctx differs by nothing but values, or nil.
func belowValues(ctx context.Context) *scope {
	for {
		if s, ok := ctx.(*scope); ok {
			return s
		}
		if !transparent || reflect.TypeOf(ctx) != valueContext {
			return nil
		}
		ctx, _ = reflect.ValueOf(ctx).Elem().Field(0).Interface().(context.Context)
	}
}
