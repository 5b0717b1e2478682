//go:build prev

package kept

// versionVPs is the version of the record of a virtual processor: the first.
const versionVPs = 1
