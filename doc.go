// Package asyncio is an event loop for Go.
package asyncio
