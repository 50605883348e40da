package archive

import (
	"runtime"
	"sync"
)

// spread calls do for each of n numbers, in ranges spread over the processors.
func spread(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	var group sync.WaitGroup
	for k := range workers {
		group.Go(func() {
			for i := k * n / workers; i < (k+1)*n/workers; i++ {
				do(i)
			}
		})
	}
	group.Wait()
}
