# Sourced after common.sh: a proxy in front of the fuzzing server, for WebSockets over h2.
# shellcheck shell=bash

make_certificate() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
		-keyout "$1/key.pem" -out "$1/cert.pem" 2>/dev/null || die "openssl makes no certificate"
	cat "$1/cert.pem" "$1/key.pem" >"$1/both.pem"
}

# start_proxy PORT: in front of that port; leaves its own in $proxy_port and the authority to trust in $proxy_ca.
start_proxy() {
	local said kind=${PROXY:-} dir=$target/conformance/proxy
	[ "$kind" ] || ! command -v haproxy >/dev/null || kind=haproxy
	[ "$kind" ] || kind=nghttpx
	command -v "$kind" >/dev/null || die "no $kind: apt-get install haproxy, or nghttp2-proxy"
	mkdir -p "$dir"
	make_certificate "$dir"
	exec {proxy_heard}< <(exec "$target/conformance/venv/bin/python" conformance/proxy.py "$kind" "$dir" "$1" 2>"$dir/log")
	proxy=$!
	read -r said <&"$proxy_heard" || { cat "$dir/log" >&2; die "$kind does not start"; }
	proxy_port=${said#port=}
	proxy_ca=$dir/cert.pem
}

stop_proxy() {
	[ ! "${proxy-}" ] || { kill "$proxy" && wait "$proxy"; } 2>/dev/null || true
}
