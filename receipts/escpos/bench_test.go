package escpos

import (
	"fmt"
	"testing"
)

// BenchmarkTicket encodes a ticket of seventy lines, as letters and as a picture.
func BenchmarkTicket(b *testing.B) {
	for _, name := range []string{"80", "image-80", "58", "image-58"} {
		p, err := ProfileNamed(name)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				e := New(p)
				for i := range 70 {
					e.Row(fmt.Sprintf("%d Café crème n° %d", i, i), "3,50 €")
				}
				out, err := e.Bytes()
				if err != nil {
					b.Fatal(err)
				}
				size = len(out)
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}
