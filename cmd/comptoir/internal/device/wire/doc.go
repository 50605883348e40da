// Package wire reads a line to a device with patience that ends: what comes, within how long, or that nothing came.
//
// # Invariants
//
//   - No read and no write outlives its context; Close leaves no goroutine behind.
//   - Nothing is kept beyond what was asked for: whoever reads caps what it gathers.
//
// It must not know what the bytes mean.
package wire
