package emu

import (
	"context"
	"errors"
	"fmt"
	"time"

	"perdure/cmd/hvrun/proto"
)

// Root runs commands in the root partition, over a console that it then has
// for itself.
type Root struct {
	Greeting proto.Greeting
	con      *Console
	last     int // number of the last command
}

// patience is how long root may say nothing, in host time, before it is asked
// again. A command may well take longer: being asked again costs root little.
const patience = 10 * time.Second

// WaitForRoot waits until root is ready for commands.
func WaitForRoot(ctx context.Context, con *Console) (*Root, error) {
	r := &Root{con: con}
	for {
		f, err := r.frame(ctx)
		if err != nil {
			return nil, fmt.Errorf("root did not come up: %w", err)
		}
		if f.Kind != proto.Hello {
			continue
		}
		if err := f.JSON(&r.Greeting); err != nil {
			return nil, err
		}
		if r.Greeting.Version != proto.Version {
			return nil, fmt.Errorf("root speaks version %d of the command protocol, we speak %d", r.Greeting.Version, proto.Version)
		}
		return r, nil
	}
}

// askAgain is how long an answer to a greeting is waited for, in the host's time.
const askAgain = time.Second

// Join is WaitForRoot for a host that may come later than others: it asks for
// the greeting, and goes on with the number of its command after the last one's.
func Join(ctx context.Context, con *Console) (*Root, error) {
	r := &Root{con: con}
	for {
		if err := r.send(proto.New(proto.Hello, 0, 0, nil)); err != nil {
			return nil, err
		}
		f, err := r.frameWithin(ctx, askAgain)
		switch {
		case errors.Is(err, errSilence):
		case err != nil:
			return nil, err
		// What we said ourselves may come back as an echo: it has no body.
		case f.Kind == proto.Hello && f.JSON(&r.Greeting) == nil && r.Greeting.Version == proto.Version:
			r.last = r.Greeting.Last
			return r, nil
		}
	}
}

// frame waits for the next good frame.
func (r *Root) frame(ctx context.Context) (proto.Frame, error) {
	for {
		line, err := r.con.nextLine(ctx)
		if err != nil {
			return proto.Frame{}, err
		}
		if f, ok := proto.Parse(line); ok {
			return f, nil
		}
	}
}

// ErrNotStarted is why a command has no status.
var ErrNotStarted = errors.New("the command did not start")

// Run runs a command in root and gives its output and its exit status.
func (r *Root) Run(ctx context.Context, args ...string) (output []byte, status int, err error) {
	run, err := r.start(args)
	if err != nil {
		return nil, 0, err
	}
	got := map[int]proto.Frame{}
	asked := -1
	for next := 0; ; {
		f, err := r.frameWithin(ctx, patience)
		ask := false
		switch {
		case err == nil && f.Run == r.last && (f.Kind == proto.Out || f.Kind == proto.Done):
			got[f.Seq] = f
			ask = f.Seq > next && asked != next // the one in between was damaged
		case errors.Is(err, errSilence):
			ask = true
		case err != nil:
			return output, 0, err
		}
		if ask {
			question := run
			if len(got) > 0 {
				question = proto.New(proto.Again, r.last, next, nil)
			}
			if err := r.send(question); err != nil {
				return output, 0, err
			}
			asked = next
		}
		for f, ok := got[next]; ok; f, ok = got[next] {
			if f.Kind == proto.Done {
				status, err := ended(f)
				return output, status, err
			}
			output = append(output, f.Body...)
			next++
		}
	}
}

// Start starts a command that is not waited for, since the machine ends by it.
func (r *Root) Start(args ...string) error {
	_, err := r.start(args)
	return err
}

func (r *Root) start(args []string) (proto.Frame, error) {
	r.last++
	run := proto.New(proto.Run, r.last, 0, proto.Command{Args: args})
	return run, r.send(run)
}

// ended reads the frame that ends a command.
func ended(done proto.Frame) (status int, err error) {
	var s proto.Status
	if err := done.JSON(&s); err != nil {
		return 0, err
	}
	if s.Error != "" {
		return s.Exit, fmt.Errorf("%w: %s", ErrNotStarted, s.Error)
	}
	return s.Exit, nil
}

func (r *Root) send(f proto.Frame) error {
	_, err := r.con.Write(f.Line())
	return err
}

var errSilence = errors.New("silence")

// frameWithin is frame, but gives errSilence when none comes in time.
func (r *Root) frameWithin(ctx context.Context, d time.Duration) (proto.Frame, error) {
	short, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	f, err := r.frame(short)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		err = errSilence
	}
	return f, err
}

// Off asks root to power the machine off.
func (r *Root) Off() error { return r.send(proto.New(proto.Off, 0, 0, nil)) }
