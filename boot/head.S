# The only code before Go. It runs from the loader's jump (multiboot2, or a
# hypervisor that prepared a boot page) to kernel.entry: choose a home, copy the
# Go program into it, build its first page tables, enter long mode.
#
# Position independent: in 32-bit code EBP is the address of `here`, and every
# address is relative to it. docs/abi.md, "Entry protocol", has both ends.

.intel_syntax noprefix

.equ MB2_MAGIC,  0x36d76289
.equ CAND_MAGIC, 0x55445250

# Offsets in boot.Page; boot/page_test.go compares them with the compiler's.
.equ P_SIZE, 0x00
.equ P_MAGIC, 0x08
.equ P_VERSION, 0x10
.equ P_HOME, 0x18
.equ P_HOMESIZE, 0x20
.equ P_FREE, 0x28
.equ P_TABLES, 0x30
.equ P_IMAGE, 0x38
.equ P_IMAGESIZE, 0x40
.equ P_ENTRY, 0x48
.equ P_DIRECT, 0x50
.equ P_ELF, 0x58
.equ P_ELFSIZE, 0x60
.equ P_FILE, 0x68
.equ P_FILESIZE, 0x70
.equ P_TRAMP, 0x78
.equ P_TRAMPSIZE, 0x80
.equ P_BEGAN, 0x88
.equ P_LMAGIC, 0x90
.equ P_LINFO, 0x98
.equ P_START, 0xd8

.equ HOME_SIZE, 40 << 20
.equ ALIGN2M, (2 << 20) - 1
.equ IMAGE_BASE, 0x40000000   # addr.ImageBase
.equ IMAGE_MAX, 16 << 20

# Where things lie in the home.
.equ H_PML4,  0x1000
.equ H_PDPTD, 0x2000          # direct map, and identity map for a moment
.equ H_PDD,   0x3000          # four pages: the first 4 GiB
.equ H_PDPTI, 0x7000          # addr.ImageBase
.equ H_PDI,   0x8000
.equ H_PTI,   0x9000          # eight pages: IMAGE_MAX
.equ H_STACK, 0x12000         # its top; one page
.equ H_IMAGE, 0x12000

.section .head, "awx"
.align 8
file_start:
header:                       # Multiboot2 Specification, "OS image format"
	.long 0xe85250d6, 0, header_end - header, -(0xe85250d6 + (header_end - header))
	.short 6, 0               # modules on page boundaries
	.long 8
	.align 8
	.short 10, 0              # relocatable: anywhere below 4 GiB, the lower the better
	.long 24, 0x200000, 0xfffff000, 0x1000, 1
	.align 8
	.short 0, 0
	.long 8
header_end:

.code32
.globl start
start:
	cli
	cld
	# The word at EBX+4 is reserved in both protocols: a stack of one word,
	# to find out where we run.
	lea  esp, [ebx + 8]
	cmp  eax, MB2_MAGIC
	je   1f
	cmp  eax, CAND_MAGIC
	je   1f
	mov  esp, 0x7000          # neither: anything will do to print an error
1:	call here
here:
	pop  ebp
	lea  esp, [ebp + stack_top - here]
	mov  [ebp + magic - here], eax
	mov  [ebp + info - here], ebx
	rdtsc
	mov  [ebp + began - here], eax
	mov  [ebp + began - here + 4], edx
	call serial_init

	mov  eax, [ebp + magic - here]
	cmp  eax, CAND_MAGIC
	je   1f
	lea  esi, [ebp + e_loader - here]
	cmp  eax, MB2_MAGIC
	jne  die
	mov  ebx, [ebp + info - here]
	lea  esi, [ebp + e_info - here]
	test ebx, 7
	jnz  die
	cmp  dword ptr [ebx], 16
	jb   die
	cmp  dword ptr [ebx], 1 << 20
	ja   die
1:	call check_cpu
	cmp  dword ptr [ebp + magic - here], CAND_MAGIC
	je   candidate
	call choose_home          # EDI = home
	jmp  build

# A hypervisor has chosen the home and written the first page of it.
candidate:
	mov  ebx, [ebp + info - here]
	lea  esi, [ebp + e_page - here]
	cmp  dword ptr [ebx + P_MAGIC], 0x44524550
	jne  die
	cmp  dword ptr [ebx + P_MAGIC + 4], 0x00455255
	jne  die
	cmp  dword ptr [ebx + P_VERSION], 1
	jne  die
	mov  edi, [ebx + P_HOME]
	cmp  edi, ebx
	jne  die

# EDI = home. Clear the tables; the boot page too, unless it was given to us.
build:
	mov  edx, edi
	cmp  dword ptr [ebp + magic - here], CAND_MAGIC
	je   1f
	mov  ecx, 0x1000 / 4
	xor  eax, eax
	rep  stosd
	mov  dword ptr [edx + P_SIZE], 4096
	mov  dword ptr [edx + P_MAGIC], 0x44524550
	mov  dword ptr [edx + P_MAGIC + 4], 0x00455255
	mov  dword ptr [edx + P_VERSION], 1
	mov  [edx + P_HOME], edx
	mov  dword ptr [edx + P_HOMESIZE], HOME_SIZE
	mov  eax, [ebp + magic - here]
	mov  [edx + P_LMAGIC], eax
	mov  eax, [ebp + info - here]
	mov  [edx + P_LINFO], eax
1:	lea  edi, [edx + 0x1000]
	mov  ecx, (H_STACK - 0x1000) / 4
	xor  eax, eax
	rep  stosd
	lea  eax, [edx + H_PML4]
	mov  [edx + P_TABLES], eax
	lea  eax, [edx + H_IMAGE]
	mov  [edx + P_IMAGE], eax
	lea  eax, [ebp + elf - here]
	mov  [edx + P_ELF], eax
	mov  dword ptr [edx + P_ELFSIZE], elf_end - elf
	lea  eax, [ebp + file_start - here]
	mov  [edx + P_FILE], eax
	mov  dword ptr [edx + P_FILESIZE], file_end - file_start
	mov  dword ptr [edx + P_START], start - file_start
	lea  eax, [ebp + ap16 - here]
	mov  [edx + P_TRAMP], eax
	mov  dword ptr [edx + P_TRAMPSIZE], ap_end - ap16
	mov  eax, [ebp + began - here]
	mov  [edx + P_BEGAN], eax
	mov  eax, [ebp + began - here + 4]
	mov  [edx + P_BEGAN + 4], eax
	mov  dword ptr [edx + P_DIRECT + 4], 1    # 4 GiB

	# Direct map of the first 4 GiB, 2 MiB pages, not global.
	mov  ecx, 2048
	lea  edi, [edx + H_PDD]
	mov  eax, 0x83
1:	mov  [edi], eax
	add  edi, 8
	add  eax, 2 << 20
	dec  ecx
	jnz  1b
	lea  eax, [edx + H_PDD + 3]
	lea  edi, [edx + H_PDPTD]
	mov  ecx, 4
1:	mov  [edi], eax
	add  edi, 8
	add  eax, 0x1000
	dec  ecx
	jnz  1b
	lea  eax, [edx + H_PDPTD + 3]
	mov  [edx + H_PML4], eax                  # identity, until we have left it
	mov  [edx + H_PML4 + 256 * 8], eax
	# Image: PML4[0] will be H_PDPTI.
	lea  eax, [edx + H_PDI + 3]
	mov  [edx + H_PDPTI + 8], eax
	lea  eax, [edx + H_PTI + 3]
	lea  edi, [edx + H_PDI]
	mov  ecx, 8
1:	mov  [edi], eax
	add  edi, 8
	add  eax, 0x1000
	dec  ecx
	jnz  1b
	call load_elf

	# Long mode. SDM Vol. 3A, "Initializing IA-32e Mode".
	mov  eax, cr4
	or   eax, 0x620                           # PAE, OSFXSR, OSXMMEXCPT
	and  eax, ~0x80                           # no global pages
	mov  cr4, eax
	lea  eax, [edx + H_PML4]
	mov  cr3, eax
	push edx
	mov  ecx, 0xc0000080
	rdmsr
	or   eax, 0x901                           # SCE, LME, NXE
	wrmsr
	pop  edx
	mov  eax, cr0
	and  eax, ~0x6000000c                     # CD, NW, TS, EM
	or   eax, 0x80010022                      # PG, WP, NE, MP
	mov  cr0, eax
	lea  eax, [ebp + gdt - here]
	mov  [ebp + gdtr - here + 2], eax
	lgdt [ebp + gdtr - here]
	push 8
	lea  eax, [ebp + start64 - here]
	push eax
	retf

.code64
start64:
	mov  eax, 0x10
	mov  ds, eax
	mov  es, eax
	mov  ss, eax
	xor  eax, eax
	mov  fs, eax
	mov  gs, eax
	mov  edx, edx                             # the home
	mov  rax, 0xffff800000000000              # addr.DirectBase
	lea  rcx, [rip + 1f]
	add  rcx, rax
	jmp  rcx
1:	lea  rdi, [rax + rdx]
	lea  rsp, [rdi + H_STACK]
	lea  rcx, [rdx + H_PDPTI + 3]
	mov  [rdi + H_PML4], rcx                  # the identity map ends here
	mov  rcx, cr3
	mov  cr3, rcx
	mov  rax, [rdi + P_ENTRY]
	xor  ebp, ebp
	jmp  rax

.code32
# Copy the segments of the Go program to the home in EDX and map them: only
# code is executable, only data is writable.
load_elf:
	lea  esi, [ebp + e_elf - here]
	lea  ebx, [ebp + elf - here]
	cmp  dword ptr [ebx], 0x464c457f
	jne  die
	mov  eax, [ebx + 24]
	mov  [edx + P_ENTRY], eax
	movzx ecx, word ptr [ebx + 56]
	mov  eax, [ebx + 32]
	lea  eax, [ebx + eax]                     # program headers
1:	push ecx
	cmp  dword ptr [eax], 1
	jne  6f
	mov  ecx, [eax + 16]
	sub  ecx, IMAGE_BASE
	add  ecx, [eax + 40]
	lea  esi, [ebp + e_elf - here]
	cmp  ecx, IMAGE_MAX
	ja   die
	add  ecx, 0xfff
	and  ecx, 0xfffff000
	cmp  ecx, [edx + P_IMAGESIZE]
	jbe  2f
	mov  [edx + P_IMAGESIZE], ecx
2:	push ecx
	mov  esi, [eax + 8]
	add  esi, ebx
	mov  edi, [eax + 16]
	sub  edi, IMAGE_BASE
	push edi
	lea  edi, [edx + edi + H_IMAGE]
	mov  ecx, [eax + 32]
	add  ecx, 3
	shr  ecx, 2
	rep  movsd                                # up to 3 bytes too many, cleared below
	pop  edi
	pop  ecx                                  # offset of the segment's end, page-aligned
	push eax
	mov  eax, edi
	and  eax, 0xfffff000
	push eax                                  # offset of its first page
	mov  eax, [esp + 4]
	add  edi, [eax + 32]
	push ecx
	sub  ecx, edi
	lea  edi, [edx + edi + H_IMAGE]
	xor  eax, eax
	push ecx
	and  ecx, 3
	rep  stosb
	pop  ecx
	shr  ecx, 2
	rep  stosd
	pop  ecx
	pop  edi
	pop  eax
	push ebx
	mov  ebx, [eax + 4]                       # bit 0 execute, bit 1 write
3:	cmp  edi, ecx
	jae  5f
	lea  esi, [edx + edi + H_IMAGE + 1]
	test ebx, 2
	jz   4f
	or   esi, 2
4:	push edi
	shr  edi, 9
	lea  edi, [edx + edi + H_PTI]
	mov  [edi], esi
	mov  dword ptr [edi + 4], 0x80000000      # NX
	test ebx, 1
	jz   7f
	mov  dword ptr [edi + 4], 0
7:	pop  edi
	add  edi, 0x1000
	jmp  3b
5:	pop  ebx
6:	pop  ecx
	add  eax, 56
	dec  ecx
	jnz  1b
	mov  eax, [edx + P_IMAGESIZE]
	lea  eax, [edx + eax + H_IMAGE]
	mov  [edx + P_FREE], eax
	ret

# Long mode, NX, SSE2: what Go needs before its first instruction.
check_cpu:
	lea  esi, [ebp + e_cpu - here]
	mov  eax, 0x80000000
	cpuid
	cmp  eax, 0x80000001
	jb   die
	mov  eax, 0x80000001
	cpuid
	test edx, 1 << 29
	jz   die
	lea  esi, [ebp + e_nx - here]
	test edx, 1 << 20
	jz   die
	ret

# EDI := the highest 2 MiB-aligned HOME_SIZE bytes of RAM below 4 GiB that
# overlap neither this file nor the loader's information nor a module.
choose_home:
	lea  edi, [ebp + busy - here]
	lea  eax, [ebp + file_start - here]
	stosd
	lea  eax, [ebp + file_end - here]
	stosd
	mov  ebx, [ebp + info - here]
	mov  eax, ebx
	stosd
	add  eax, [ebx]
	stosd
	lea  ecx, [ebx + 8]
1:	mov  eax, [ecx]
	test eax, eax
	jz   3f
	cmp  eax, 6
	jne  2f
	mov  [ebp + mmap - here], ecx
2:	cmp  eax, 3
	jne  2f
	lea  eax, [ebp + busy_end - here]
	lea  esi, [ebp + e_modules - here]
	cmp  edi, eax
	jae  die
	mov  eax, [ecx + 8]
	stosd
	mov  eax, [ecx + 12]
	stosd
2:	lea  esi, [ebp + e_info - here]
	mov  eax, [ecx + 4]
	cmp  eax, 8
	jb   die
	lea  ecx, [ecx + eax + 7]
	and  ecx, ~7
	mov  eax, ebx
	add  eax, [ebx]
	cmp  ecx, eax
	jb   1b
3:	mov  [ebp + busy_used - here], edi
	mov  ebx, [ebp + mmap - here]
	lea  esi, [ebp + e_mmap - here]
	test ebx, ebx
	jz   die
	mov  eax, [ebx + 4]
	add  eax, ebx
	mov  [ebp + mmap_end - here], eax
	mov  eax, [ebx + 8]
	mov  [ebp + mmap_step - here], eax
	cmp  eax, 24
	jb   die
	xor  edi, edi                             # best so far
	add  ebx, 16
entry:
	cmp  ebx, [ebp + mmap_end - here]
	jae  done
	cmp  dword ptr [ebx + 16], 1              # RAM
	jne  next
	cmp  dword ptr [ebx + 4], 0
	jne  next
	mov  eax, [ebx]
	mov  edx, [ebx + 12]
	add  eax, [ebx + 8]
	adc  edx, 0
	jz   1f
	mov  eax, 0xffe00000
1:	mov  edx, [ebx]                           # the region is [EDX, EAX)
	cmp  edx, 1 << 20
	jae  place
	mov  edx, 1 << 20
place:
	sub  eax, HOME_SIZE
	jb   next
	and  eax, ~ALIGN2M
	cmp  eax, edx
	jb   next
	lea  esi, [ebp + busy - here]
1:	cmp  esi, [ebp + busy_used - here]
	jae  2f
	lea  ecx, [eax + HOME_SIZE]
	cmp  ecx, [esi]
	jbe  3f
	cmp  eax, [esi + 4]
	jae  3f
	mov  eax, [esi]                           # overlaps: go below it and ask again
	jmp  place
3:	add  esi, 8
	jmp  1b
2:	cmp  eax, edi
	jbe  next
	mov  edi, eax
next:
	add  ebx, [ebp + mmap_step - here]
	jmp  entry
done:
	lea  esi, [ebp + e_home - here]
	test edi, edi
	jz   die
	ret

# 115200 8N1 on the first 16550, FIFO on, no interrupts.
serial_init:
	lea  esi, [ebp + serial_values - here]
	mov  ecx, 7
1:	movzx edx, word ptr [esi]
	mov  al, [esi + 2]
	out  dx, al
	add  esi, 3
	dec  ecx
	jnz  1b
	ret
serial_values:
	.macro REG r, v
	.short 0x3f8 + \r
	.byte \v
	.endm
	REG 1, 0
	REG 3, 0x80
	REG 0, 1
	REG 1, 0
	REG 3, 3
	REG 2, 0xc7
	REG 4, 3

# Print ESI and stop for good.
die:
	call print
	lea  esi, [ebp + e_halted - here]
	call print
1:	cli
	hlt
	jmp  1b
print:
	lodsb
	test al, al
	jz   3f
	mov  ah, al
	mov  ecx, 1 << 16
	mov  edx, 0x3fd
1:	in   al, dx
	test al, 0x20
	jnz  2f
	dec  ecx
	jnz  1b
2:	mov  al, ah
	mov  edx, 0x3f8
	out  dx, al
	jmp  print
3:	ret

e_loader: .asciz "perdure: the loader speaks neither multiboot2 nor Perdure's own protocol; use GRUB's multiboot2 command\r\n"
e_info:   .asciz "perdure: the loader's multiboot2 information is damaged; use another GRUB\r\n"
e_page:   .asciz "perdure: the boot page is not one that this version understands\r\n"
e_cpu:    .asciz "perdure: the processor has no 64-bit mode; use one with Intel 64 and VT-x\r\n"
e_nx:     .asciz "perdure: the processor has no execute-disable (NX), or the firmware has turned it off; turn it on\r\n"
e_mmap:   .asciz "perdure: the loader gave no memory map; use GRUB's multiboot2 command\r\n"
e_modules:.asciz "perdure: more than 30 modules; load fewer\r\n"
e_home:   .asciz "perdure: no 40 MiB of free memory below 4 GiB for the hypervisor; give the machine more memory or load smaller modules\r\n"
e_elf:    .asciz "perdure: the image holds no hypervisor, or one larger than 16 MiB; build it again\r\n"
e_halted: .asciz "perdure: halted\r\n"

.align 16
gdt:	.quad 0
	.quad 0x00af9a000000ffff                  # 64-bit code
	.quad 0x00cf92000000ffff                  # data
gdtr:	.short gdtr - gdt - 1
	.long 0

# The start of another processor: copied to a page below 1 MiB, entered there in
# real mode by a SIPI. kernel/ap.go fills in the words at AP_*; EBX is the page.
.align 16
ap16:
.code16
	cli
	cld
	mov  ax, cs
	mov  ds, ax
	movzx ebx, ax
	shl  ebx, 4
	lgdtd [ap_gdtr - ap16]
	mov  eax, cr0
	and  eax, ~0x6000000c                     # CD, NW, TS, EM
	or   eax, 0x23                            # NE, MP, PE
	mov  cr0, eax
	data32 ljmp [ap_far32 - ap16]
.code32
ap32:
	mov  eax, 0x10
	mov  ds, eax
	mov  es, eax
	mov  ss, eax
	mov  eax, 0x620                           # PAE, OSFXSR, OSXMMEXCPT
	mov  cr4, eax
	mov  eax, [ebx + ap_cr3 - ap16]
	mov  cr3, eax
	mov  ecx, 0xc0000080
	mov  eax, 0x901                           # SCE, LME, NXE
	xor  edx, edx
	wrmsr
	mov  eax, cr0
	or   eax, 0x80010000                      # PG, WP
	mov  cr0, eax
	ljmp [ebx + ap_far64 - ap16]
.code64
ap64:
	xor  eax, eax
	mov  fs, eax
	mov  gs, eax
	mov  rsp, [rip + ap_stack]
	mov  rdi, [rip + ap_block]
	mov  rax, [rip + ap_entry]
	jmp  rax
.align 8
ap_gdt:	.quad 0
	.quad 0x00cf9b000000ffff                  # 32-bit code; accessed, since the page
	.quad 0x00cf93000000ffff                  # data; is read-only once paging is on
	.quad 0x00af9b000000ffff                  # 64-bit code
ap_gdt_end:
.align 16
ap_words:                     # kernel.trampoline has this layout; the last 64 bytes
ap_far32: .long ap32 - ap16                   # + page
	.short 8, 0
ap_far64: .long ap64 - ap16                   # + page
	.short 0x18, 0
ap_gdtr: .short ap_gdt_end - ap_gdt - 1
	.long ap_gdt - ap16                       # + page
	.short 0
ap_cr3:  .quad 0
ap_stack:.quad 0
ap_block:.quad 0
ap_entry:.quad 0
	.quad 0
ap_end:

.align 8
began:     .quad 0
magic:     .long 0
info:      .long 0
mmap:      .long 0
mmap_end:  .long 0
mmap_step: .long 0
busy_used: .long 0
busy:      .skip 32 * 8
busy_end:
.align 16
	.skip 512
stack_top:

# The Go program; in the same section, so that the assembler knows the distance.
.align 4096
.globl elf
elf:	.incbin "hv.elf"
elf_end:
.align 4096
file_end:
