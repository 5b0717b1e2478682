package kept

import "perdure/kernel/x86"

// Limits of a change.
const (
	maxMoved   = 20   // tables
	maxOps     = 1024 // of all of them together
	maxEntries = 256  // records that are mirrored
)

// Change says how the tables of one directory become those of the other, both
// ways, and how far their mirroring has come: a kept record. There is one while
// an instance with other tables is wanted, and until it has the machine for good.
//
// At rest: what the directory that is not in force leads to is behind, and Pass
// or Take makes it right.
type Change struct {
	Header         // of what follows it, up to Passed
	Full    uint64 // 1: the tables are the same, and copied because that was asked for
	Way     [2]Way // from each directory to the other one
	Layouts [2]Span
	Passed  uint64 // bytes that Pass or Take copied
	Took    uint64 // TSC ticks in which it did
	Entries uint64
	Entry   [maxEntries]Entry
}

// Span is a stretch of the arena: a kept record.
type Span struct {
	At    uint64 // HPA
	Bytes uint64
}

// Way is how the tables of one directory become those of the other: a kept record.
type Way struct {
	Tables uint64
	Ops    uint64
	Table  [maxMoved]Moved
	Op     [maxOps]Op
}

// Moved is a table that is not the same in both directories: a kept record.
type Moved struct {
	Kind           Kind
	From, To       uint64 // HPA of the tables
	FromStride     uint64
	ToStride       uint64
	Count          uint64 // records that both have
	UseFrom, UseTo uint64 // 1 + offset of a word that is 0 while the record holds nothing, 0: there is none
	FirstOp, EndOp uint64
}

// OpKind is what an Op does.
type OpKind uint64

// Operations.
const (
	OpCopy  OpKind = iota + 1 // Bytes bytes
	OpHint                    // the same, but not while everybody stands: what was mirrored will do
	OpWiden                   // an integer of A bytes, signed if B is 1, becomes one of Bytes
	OpFill                    // an integer of Bytes bytes that the old record has not becomes A, once
	OpRing                    // what was put into a ring since the last time
	OpSeal                    // a sealed part of A bytes is sealed again as one of Bytes
)

// Op is one step of making a record from another: a kept record. Offsets are
// from the beginning of each.
type Op struct {
	What     OpKind
	From, To uint64
	Bytes    uint64
	A, B     uint64

	// Of OpRing: From and To are rings of A and of Bytes bytes, in units of Unit,
	// that positions at PosFrom and PosTo count.
	PosFrom, PosTo, Unit uint64
}

// Entry is a record that is mirrored: a kept record.
type Entry struct {
	Kind     Kind
	Index    uint64
	Seq      uint64 // counts its changes twice; odd while it is being written
	Digest   uint64 // of what both instances know of it
	Shown    uint64 // Seq for which the next instance has shown the same digest
	Returned uint64 // Seq for which the way back was found to lead to the same digest
}

// Room reports whether a way can have so many tables, operations and entries.
func Room(tables, ops, entries int) bool {
	return tables <= maxMoved && ops <= maxOps && entries <= maxEntries
}

// Add gives table i of w its operations.
func (w *Way) Add(i int, ops []Op) {
	m := &w.Table[i]
	m.FirstOp = w.Ops
	w.Ops += uint64(copy(w.Op[w.Ops:], ops))
	m.EndOp, w.Tables = w.Ops, max(w.Tables, uint64(i)+1)
}

// changing returns the change that is under way, nil if there is none.
//
//go:nosplit
func changing() *Change {
	if arena.root == nil || arena.root.Change.Sum == 0 {
		return nil
	}
	return changeAt(arena.root.Change.Offset)
}

// Changing returns the change that is under way, nil if there is none.
func Changing() *Change { return changing() }

// Own returns which directory leads to the tables of this instance.
func Own() uint64 { return arena.own }

// Pass makes the other directory's tables what ours are, and puts it in force.
// It is for the instance that gives the machine away, once, when every
// processor is at rest: what is written to our tables after it is lost. It
// returns how many bytes it copied. Without a change it does nothing.
//
//go:nosplit
func Pass() uint64 { return turn(arena.own ^ 1) }

// Take makes our tables what the other directory's are, and puts ours in force;
// if they are, it does nothing. It is for an instance that gets the machine
// back, before it reads any record. What the other one's records have no room
// for is as it was when they parted.
//
//go:nosplit
func Take() uint64 { return turn(arena.own) }

// turn puts a directory in force. Cut off, it may be done again.
//
//go:nosplit
func turn(to uint64) uint64 {
	c := changing()
	if c == nil || arena.root.InForce == newChoice(to) {
		return 0
	}
	begun := x86.RDTSC()
	n := c.Way[(to^1)&1].settle()
	c.Passed, c.Took = n, x86.RDTSC()-begun
	arena.root.InForce = newChoice(to)
	return n
}
