package partition

import (
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/mm/kept"
	"perdure/partition/net"
)

// What is kept, for whoever wants to know before the tables are there.
var (
	_ = kept.Declare[Host](kept.KindHost, 1)
	_ = kept.Declare[Partition](kept.KindPartitions, MaxPartitions)
	_ = kept.Declare[VP](kept.KindVPs, MaxVPs)
	_ = kept.Declare[CPU](kept.KindCPUs, MaxCPUs)
	_ = kept.Declare[x86.XArea](kept.KindExtended, MaxVPs, kept.Opaque)
	_ = kept.Declare[console.State](kept.KindConsole, 1)
	_ = kept.Declare[net.Switch](kept.KindSwitch, 1)
)
