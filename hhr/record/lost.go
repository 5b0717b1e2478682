package record

// Lost returns the names of what a record of t in l says that one of u in o has
// no room for, though it must not be lost: fields of WillDefault whose value is
// not the default.
func (l *Layouts) Lost(t *Table, o *Layouts, u *Table, record []byte) []string {
	return l.lost(nil, t.Name, l.Of(t), o, o.Of(u), record)
}

func (l *Layouts) lost(names []string, where string, m *Message, o *Layouts, other *Message, record []byte) []string {
	Rest()
	for i := range m.Fields {
		f := &m.Fields[i]
		g := other.field(f.Number)
		at := record[f.Offset : f.Offset+f.bytes()]
		switch {
		case g == nil && f.Will == WillDefault && f.Type != Struct:
			for i := range f.Len {
				if f.load(at[i*f.Size:]) != f.Default {
					names = append(names, where+"."+f.Name)
					break
				}
			}
		case g != nil && f.Type == Struct && g.Type == Struct && carried(l, f, o, g):
			for i := range min(f.Len, g.Len) {
				names = l.lost(names, where+"."+f.Name, l.in(f), o, o.in(g), at[i*f.Size:(i+1)*f.Size])
			}
		}
	}
	return names
}
