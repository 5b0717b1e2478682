package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/disk"
	"perdure/cmd/internal/guest"
	"perdure/partition/abi"
)

var cmdServe = command{
	name:  "serve",
	short: "Serve the disks of guests from files; restart guests that reset themselves",
	long: `One such process runs in root for all guests; it is started with the system, and
started again when it ends. It may be killed at any time: what a guest has asked
for and has not been answered waits for the next one. When the image file of a
disk cannot be had, it says so once and tries again; the guest waits as long.`,
	flags: func(fs *flag.FlagSet) func(*env, []string) error {
		every := fs.Duration("every", 5*time.Second, "`time` between two looks at everything, in case that an event was lost")
		return func(e *env, args []string) error { return serve(e, args, *every) }
	},
}

// events is where the hypervisor tells root what has happened: see abi.RingEvent.
const events = "/dev/hvc0"

// server is the process that serves guests.
type server struct {
	*env
	host  *guest.Host
	mapAt func(at, size uint64) ([]byte, error)
	unmap func([]byte) error

	mu     sync.Mutex // guards what follows
	disks  map[diskKey]*served
	again  map[string]bool   // guests that are being started again
	said   map[string]string // what was complained about last, by what it is about
	wanted chan struct{}     // look has something to do
}

func newServer(e *env, c ask.Caller) *server {
	s := &server{env: e, host: guest.NewHost(c), mapAt: disk.Map, unmap: disk.Unmap,
		disks: map[diskKey]*served{}, again: map[string]bool{}, said: map[string]string{}, wanted: make(chan struct{}, 1)}
	if e.dir != "" {
		s.host.Dir = e.dir
	}
	return s
}

// serve is the command.
func serve(e *env, args []string, every time.Duration) error {
	if err := none(args); err != nil {
		return err
	}
	if every <= 0 {
		return usageError("--every wants a positive time")
	}
	c, err := e.open()
	if err != nil {
		return err
	}
	s := newServer(e, c)
	unlock, err := s.alone()
	if err != nil {
		return err
	}
	defer unlock()
	// With one processor of Go's, whoever waits for an event loses it at once to
	// nobody, and has it given back each time, by two threads more.
	runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0)))
	go s.listen(events)
	for {
		s.complain("looking at the partitions", s.look())
		select {
		case <-s.wanted:
		case <-time.After(every):
			s.wake(func(*served) bool { return true })
		}
	}
}

// alone makes sure that there is one server: two would answer the same requests.
func (s *server) alone() (unlock func(), err error) {
	if err := os.MkdirAll(s.host.Dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(s.host.Dir, "serve.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, errors.New("another hvctl serve runs already")
	}
	return func() { f.Close() }, nil
}

// listen takes events for as long as there is a place for them, and does what
// they ask for if that does not take long: a request that is handed from thread to
// thread costs several times what it costs here.
func (s *server) listen(path string) {
	c, err := s.open() // calls are this thread's right
	if err != nil {
		s.complain("calls", err)
		c = nil
	}
	buf := make([]byte, 64)
	for {
		fd, err := openEvents(path)
		for err == nil {
			var n int
			n, err = unix.Read(fd, buf)
			if err == nil && n == 0 {
				err = errors.New("it has ended")
			}
			for _, b := range buf[:max(n, 0)] {
				s.event(b, c)
			}
			if err == unix.EINTR {
				err = nil
			}
		}
		if fd >= 0 {
			unix.Close(fd)
		}
		s.complain("events from "+path, fmt.Errorf("%w; disks are looked at ten times a second", err))
		for range 10 { // without events, looking is all that can be done
			s.wake(func(*served) bool { return true })
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// event takes one event, on a thread that may make calls with c.
func (s *server) event(b byte, c ask.Caller) {
	if b >= abi.StateEvent {
		select {
		case s.wanted <- struct{}{}:
		default:
		}
		return
	}
	var list [abi.MaxDisks]*served
	for _, d := range s.disksOf(uint32(b)-abi.RingEvent, list[:0]) {
		s.serveNow(d, c)
	}
}

// complain tells of an error once, and once again when it is another one.
func (s *server) complain(about string, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	s.mu.Lock()
	changed := s.said[about] != text
	s.said[about] = text
	s.mu.Unlock()
	if changed && err != nil {
		s.say(about, text)
	}
}

// servedJSON is one line of "hvctl serve --json".
type servedJSON struct {
	About string `json:"about"`
	Text  string `json:"text"`
}

// say prints what has happened, to whoever reads what this process prints.
func (s *server) say(about, text string) {
	if s.json {
		s.emit(servedJSON{about, text})
		return
	}
	fmt.Fprintf(s.out, "hvctl serve: %s: %s\n", about, text)
}
