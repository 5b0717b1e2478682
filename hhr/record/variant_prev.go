//go:build prev

package record

// Variant says of which version this build is: an earlier one, with less.
const Variant = "prev"
