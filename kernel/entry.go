//go:build metal

package kernel

// Entries from hardware and from head.S; entry_amd64.s says what they need.
func entry()
func syscallEntry()
func resume()
func apEntry()
func vectors()
func enter()
func doubleFault()
func machineCheck()
func dead()
func nmi()

func self() *CPU
func reload(cr3 uint64)
func segments()
func getpid()
func schedYield()

func private(op, a, b uint64) uint64

// Which addresses the function address returns.
const (
	atVectors = iota
	atSyscall
	atNMI
	atDoubleFault
	atMachineCheck
	atAP
	atArrive
	atArriveExit
	atArriveBack
)

func address(which uint64) uint64
