package wire

import "github.com/goasyncio/asyncio/internal/monitor"

// Frame is one function of a stack.
type Frame = monitor.Frame
