package asynciotest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"strings"
)

// errorCases are about the shape of errors: that of package net (rule N5).
var errorCases = []streamCase{
	{"errors are net.OpError with operation, network and addresses", PlainErrors, errorShape},
	{"a cancellation is the context's error, and no net.OpError", 0, cancellationShape},
}

func errorShape(ctx context.Context, p *pair) error {
	if err := p.a.SetDeadline(passed(ctx)); err != nil {
		return err
	}
	fail := func() []error {
		_, read := p.a.ReadContext(ctx, make([]byte, 1))
		_, write := p.a.WriteContext(ctx, make([]byte, 1))
		return []error{opError("read", read, p.a), opError("write", write, p.a)}
	}
	expired := fail()
	if err := p.a.Close(); err != nil {
		return err
	}
	closed := fail()
	return errors.Join(append(expired, closed...)...)
}

// opError checks that err is what package net would return for the operation.
func opError(op string, err error, s Stream) error {
	e, ok := err.(*net.OpError)
	switch {
	case !ok:
		return fmt.Errorf("the error of a %s is %T, %w; want a *net.OpError", op, err, err)
	case e.Op != op:
		return fmt.Errorf("the error of a %s has Op %q", op, e.Op)
	case !strings.HasPrefix(e.Net, s.LocalAddr().Network()): // tcp4 is a tcp
		return fmt.Errorf("the error of a %s has Net %q, the address says %q", op, e.Net, s.LocalAddr().Network())
	case !reflect.DeepEqual(e.Source, s.LocalAddr()) || !reflect.DeepEqual(e.Addr, s.RemoteAddr()):
		return fmt.Errorf("the error of a %s has the addresses %v and %v, the stream %v and %v", op, e.Source, e.Addr, s.LocalAddr(), s.RemoteAddr())
	}
	return nil
}

func cancellationShape(ctx context.Context, p *pair) error {
	_, read := cancelled(ctx, 3, p.a.ReadContext, make([]byte, 1))
	_, write := cancelled(ctx, 0, p.a.WriteContext, make([]byte, 1))
	for _, err := range []error{read, write} {
		var op *net.OpError
		if errors.As(err, &op) || !errors.Is(err, context.Canceled) {
			return fmt.Errorf("a cancelled wait has returned %T, %w", err, err)
		}
	}
	return nil
}
