#!/bin/busybox sh
# First process of the guest: modules, the host's files read-only, cameras, then the tests.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in $(cat /modules/order); do insmod "/modules/$module"; done
insmod /modules/v4l2loopback.ko devices=3 video_nr=0,10,20 exclusive_caps=1,1,1 \
    card_label="Test_Camera,u2cam,Spare"
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro host /host
guest=$(sed -n 's/.*u2cam_guest=\([^ ]*\).*/\1/p' /proc/cmdline)
mount -t tmpfs scratch "/host$guest/scratch"
cp /modules/vivid.ko "/host$guest/scratch"
cp -r "/host$guest/kernels" "/host$guest/scratch"
mount --move /dev /host/dev
mount --move /proc /host/proc
mount --move /sys /host/sys
mkdir -p /host/dev/shm
mount -t tmpfs shm /host/dev/shm
ip link set lo up
chroot /host /bin/bash "$guest/run.sh" > /host/dev/ttyS0 2>&1
poweroff -f
