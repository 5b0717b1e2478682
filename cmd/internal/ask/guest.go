package ask

import "perdure/partition/abi"

// Create asks for a partition and returns its number. It is created when its
// state says so.
func Create(c Caller, r *abi.Config) (id uint32, err error) {
	r.Header = abi.HeaderOf(r)
	n, _, err := c.Call(abi.CallCreate, r.Bytes())
	return uint32(n), err
}

// Control carries out op and returns the state that the partition is in then.
func Control(c Caller, partition uint32, op abi.Op) (abi.State, error) {
	n, _, err := c.Call(abi.CallControl, nil, uint64(partition), uint64(op))
	return abi.State(n), err
}

// Set changes a property of a partition.
func Set(c Caller, partition uint32, p abi.Property, value uint64) error {
	_, _, err := c.Call(abi.CallSet, nil, uint64(partition), uint64(p), value)
	return err
}

// Load copies data to a created partition's memory, address at on, and tells
// each time how many bytes are there.
func Load(c Caller, partition uint32, at uint64, data []byte, done func(n int)) error {
	for len(data) > 0 {
		n, _, err := c.Call(abi.CallLoad, data[:min(len(data), abi.MaxLoad)], uint64(partition), at)
		if err != nil {
			return err
		}
		if n == 0 || n > uint64(len(data)) {
			return abi.ErrShort
		}
		at, data = at+n, data[n:]
		done(int(n))
	}
	return nil
}

// Entry says how VP 0 of a partition begins.
func Entry(c Caller, partition uint32, r *abi.Entry) error {
	r.Header = abi.HeaderOf(r)
	_, _, err := c.Call(abi.CallEntry, r.Bytes(), uint64(partition))
	return err
}

// Dump asks for a VP's registers; abi.ErrBusy means: not read yet, ask again.
func Dump(c Caller, partition, vp uint32) (r abi.Registers, err error) {
	err = record(c, abi.CallDump, &r, uint64(partition), uint64(vp))
	return r, err
}

// Walk asks where a linear address of a VP leads.
func Walk(c Caller, partition, vp uint32, linear uint64) (r abi.Walk, err error) {
	err = record(c, abi.CallWalk, &r, uint64(partition), uint64(vp), linear)
	return r, err
}

// Port asks for a port of the network switch.
func Port(c Caller, partition, index uint32) (r abi.NetPort, err error) {
	err = record(c, abi.CallPort, &r, uint64(partition), uint64(index))
	return r, err
}

// Disk asks for a disk.
func Disk(c Caller, partition, index uint32) (r abi.DiskInfo, err error) {
	err = record(c, abi.CallDisk, &r, uint64(partition), uint64(index))
	return r, err
}

// Said asks for what a partition's console said from pos on. It returns the text,
// the position after it, and how many bytes before it are no longer kept.
func Said(c Caller, partition uint32, pos uint64) (text []byte, next, lost uint64, err error) {
	buf := make([]byte, abi.MaxBuffer)
	n, next, err := c.Call(abi.CallRead, buf, uint64(partition), pos)
	if err != nil {
		return nil, pos, 0, err
	}
	if n > abi.MaxBuffer || n > next {
		return nil, pos, 0, abi.ErrShort
	}
	if start := next - n; start > pos && pos != abi.FromEnd {
		lost = start - pos
	}
	return buf[:n], next, lost, nil
}

// Type types text on a partition's console and returns how many bytes were taken.
func Type(c Caller, partition uint32, text []byte) (int, error) {
	if len(text) == 0 {
		return 0, nil
	}
	n, _, err := c.Call(abi.CallWrite, text[:min(len(text), abi.MaxBuffer)], uint64(partition))
	if err == nil && n > uint64(len(text)) {
		err = abi.ErrShort
	}
	return int(n), err
}

// Find returns the partition of that name; abi.ErrNone if there is none.
func Find(c Caller, name string) (abi.Partition, error) {
	all, err := Partitions(c)
	if err != nil {
		return abi.Partition{}, err
	}
	for _, p := range all {
		if abi.Text(p.Name[:]) == name {
			return p, nil
		}
	}
	return abi.Partition{}, abi.ErrNone
}
