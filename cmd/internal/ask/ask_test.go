package ask

import (
	"testing"

	"perdure/cmd/internal/fake"
	"perdure/partition/abi"
)

func TestRecords(t *testing.T) {
	m := fake.New()
	if i, err := Info(m); err != nil || i.TSCHz != 1e9 {
		t.Errorf("info: %+v %v", i, err)
	}
	if p, err := Processor(m, 0); err != nil || p.Exits != 700 {
		t.Errorf("processor: %+v %v", p, err)
	}
	if _, err := Processor(m, 1); err != abi.ErrNone {
		t.Errorf("a processor that is not there: %v", err)
	}
	if c, err := Counters(m, 0, abi.AllVPs); err != nil || c.Exits[10] != 500 {
		t.Errorf("counters: %+v %v", c, err)
	}
	if l, err := Lines(m, 0); err != nil || l.Line[4].Out != 12 {
		t.Errorf("lines: %v", err)
	}
}

func TestManyPartitions(t *testing.T) {
	m := fake.New()
	for len(m.Partitions) < 250 { // more than one buffer holds
		m.Partitions = append(m.Partitions, m.Partitions[0])
	}
	list, err := Partitions(m)
	if err != nil || len(list) != 250 {
		t.Errorf("%d partitions, %v", len(list), err)
	}
}

func TestTraceInPieces(t *testing.T) {
	m := fake.New()
	m.Trace = make([]abi.TraceEntry, 1000)
	list, next, err := Trace(m, 0, 0)
	if err != nil || len(list) != abi.MaxBuffer/abi.TraceEntrySize || next != uint64(len(list)) {
		t.Errorf("%d entries, next %d, %v", len(list), next, err)
	}
}

func TestLogLoss(t *testing.T) {
	m := fake.New()
	m.Log, m.LogFrom = []byte("0123456789"), 4
	text, next, lost, err := Log(m, 1)
	if string(text) != "456789" || next != 10 || lost != 3 || err != nil {
		t.Errorf("%q %d %d %v", text, next, lost, err)
	}
}

// wrong answers with more than it was given room for.
type wrong struct{}

func (wrong) Call(abi.Call, []byte, ...uint64) (uint64, uint64, error) { return 1 << 40, 0, nil }

func TestWrongCounts(t *testing.T) {
	if _, err := Info(wrong{}); err == nil {
		t.Error("info: a count beyond the buffer is taken")
	}
	if _, _, _, err := Log(wrong{}, 0); err == nil {
		t.Error("log: a count beyond the buffer is taken")
	}
	if _, _, err := Trace(wrong{}, 0, 0); err == nil {
		t.Error("trace: a count beyond the buffer is taken")
	}
	if _, err := Partitions(wrong{}); err == nil {
		t.Error("partitions: a count beyond the buffer is taken")
	}
}
