package system

import "encoding/json"

// checks has the hypervisor check itself: all is good, and all is checked.
func (m *machine) checks() {
	m.t.Helper()
	output, status := m.try("hvctl", "check", "--json")
	var answer struct {
		Good  bool
		Items []struct {
			Name, Verdict          string
			Examined, Wrong, First uint64
		}
	}
	if err := json.Unmarshal([]byte(output), &answer); err != nil {
		m.t.Fatalf("hvctl check: %v, status %d\n%s", err, status, output)
	}
	for _, i := range answer.Items {
		m.t.Logf("%s: %s, %d examined, %d wrong, first %#x", i.Name, i.Verdict, i.Examined, i.Wrong, i.First)
		if i.Verdict != "good" {
			m.t.Errorf("%s: %s", i.Name, i.Verdict)
		}
	}
	if !answer.Good || status != 0 || len(answer.Items) < 8 {
		m.t.Errorf("hvctl check: status %d\n%s", status, output)
	}
}
