//go:build metal

package phys

import "perdure/mm/addr"

// base is where physical address 0 is seen.
const base = addr.DirectBase
