//go:build !next && !prev

package kept

// versionVPs is the version of the record of a virtual processor: the second one
// knows how often a processor took it on.
const versionVPs = 2
