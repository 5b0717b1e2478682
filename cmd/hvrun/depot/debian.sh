
# debian.sh fetches Debian 12's 6.1 kernels, cloud and standard, and the
# emulator's BIOS files.
#
#	OUT/cloud, OUT/standard   vmlinuz, config, version, modules/ (= /lib/modules/VERSION)
#	OUT/firmware              BIOS-bochs-latest, vgabios.bin
indexes "$mirror" || indexes "$main"
mkdir -p "$out"

# fetch PACKAGE FOLDER: downloads a package and unpacks it.
fetch() {
	echo "downloading $1"
	(cd "$work" && apt get download "$1")
	mkdir -p "$2"
	dpkg-deb -x "$work/$1"_*.deb "$2"
	rm "$work/$1"_*.deb
}

for flavour in cloud standard; do
	meta=linux-image-amd64
	[ $flavour = standard ] || meta=linux-image-cloud-amd64
	package=$(apt cache depends "$meta" | sed -n 's/^ *Depends: \(linux-image-6\.1\..*\)$/\1/p' | head -1)
	[ -n "$package" ] || { echo "the package index has no Debian 6.1 kernel behind $meta" >&2; exit 1; }
	fetch "$package" "$work/$flavour"
	version=${package#linux-image-} to=$out/$flavour
	mkdir "$to"
	echo "$version" >"$to/version"
	cp "$work/$flavour/boot/vmlinuz-$version" "$to/vmlinuz"
	cp "$work/$flavour/boot/config-$version" "$to/config"
	mv "$work/$flavour/lib/modules/$version" "$to/modules"
	# What no emulated machine has.
	rm -rf "$to"/modules/kernel/sound "$to"/modules/kernel/drivers/{gpu,media,infiniband,staging,iio,hid,mmc,mtd,usb,thunderbolt} \
		"$to"/modules/kernel/drivers/net/{wireless,can,wwan,usb}
done

fetch bochsbios "$work/firmware"
fetch vgabios "$work/firmware"
mkdir "$out/firmware"
cp "$work/firmware/usr/share/bochs/BIOS-bochs-latest" "$work/firmware/usr/share/vgabios/vgabios.bin" "$out/firmware/"
