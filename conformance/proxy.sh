# Sourced after common.sh.
start_proxy() { die "later"; }
stop_proxy() { :; }
