
# bochs.sh builds Bochs 3.0 with VT-x from Debian's source package. Needs
# build-essential, libncurses-dev and xz-utils; takes 2 to 5 minutes on 2
# cores. MARCH is the oldest processor that the build runs on.
tar=bochs_3.0+dfsg.orig.tar.xz
sum=78f6c73d4a6472d5130a87ab9dc306d02c7c71ed8e25b3a8ef642e2a7acd282b

cd "$work"
echo "downloading $tar"
# By its place in the pool: that needs no index of the release that has it, and
# the sum is our own.
download() { /usr/lib/apt/apt-helper -c "$work/apt/apt.conf" download-file "$1/pool/main/b/bochs/${tar/+/%2b}" "$work/$tar" "SHA256:$sum"; }
download "$mirror" || download "$main"
echo "$sum  $tar" | sha256sum -c --quiet
tar xf "$tar"
cd bochs-3.0

# Fix 1. With several processors, an asynchronous VM exit that is due right
# after a fault was delivered inside a guest saved the RIP of the faulting
# instruction with the RSP of the fault's handler: the loop for several
# processors forgets prev_rip after the longjmp that ends an exception. And the
# loop's own variables are in memory then, not as the compiler thinks as they
# were at the setjmp: else all is done to processor 0.
sed -i '/can get here only from exception function or VMEXIT/{n;s/$/\
          BX_CPU(processor)->prev_rip = BX_CPU(processor)->gen_reg[BX_64BIT_REG_RIP].rrx;\
          BX_CPU(processor)->speculative_rsp = false;/}
	s/Bit32u executed = 0, processor = 0;/volatile &/' main.cc
# Fix 2. After a VM entry with the guest's IF clear, an external interrupt made
# no exit until the guest changed IF: the mask of events is computed before the
# processor counts as being in the guest.
sed -i 's/^\(  BX_CPU_THIS_PTR in_vmx_guest = true;.*\)$/\1\n  handleInterruptMaskChange();/' cpu/vmx.cc
[ "$(grep -c 'speculative_rsp = false\|volatile Bit32u executed' main.cc)" = 2 ] &&
	[ "$(grep -A1 'in_vmx_guest = true' cpu/vmx.cc | grep -c handleInterruptMaskChange)" = 1 ] ||
	{ echo "the fixes to Bochs did not apply" >&2; exit 1; }

# --disable-show-ips: else a timer's signal handler logs once a second, and when
# it comes while the processor is logging, Bochs waits for its own log's lock for
# ever. Seen as machines that stand still at random.
echo "configuring"
export CFLAGS="-O3 -march=$MARCH -pipe" CXXFLAGS="-O3 -march=$MARCH -pipe"
./configure --prefix="$out" --enable-smp --enable-x86-64 --enable-cpu-level=6 \
	--enable-all-optimizations --enable-vmx=2 --enable-svm --enable-avx --enable-evex \
	--enable-cet --enable-protection-keys --enable-monitor-mwait \
	--enable-pci --enable-e1000 --enable-ne2000 --enable-clgd54xx \
	--disable-debugger --disable-debugger-gui --disable-plugins --disable-docbook --disable-show-ips \
	--with-nogui --with-term
echo "compiling"
make -j"$(nproc)"
echo "installing"
make install
