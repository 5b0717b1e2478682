//go:build metal

package fail

import "perdure/kernel/x86"

//go:nosplit
func stop() { x86.Stop() }
