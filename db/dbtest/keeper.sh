# Makes a PostgreSQL cluster, starts and stops it as its standard input says, and removes it at that input's end:
# when the process that holds the other end has gone, for whatever reason.
# Its first argument is where PostgreSQL's programs are; the others are PostgreSQL's own.
trap '' PIPE # nobody may be there to hear an answer
programs=$1
shift
[ -w "${TMPDIR:-/tmp}" ] || export TMPDIR=/tmp # it may be somebody else's
dir=$(mktemp -d -t chinwag-postgres-XXXXXX) || exit 1
server=
stop() {
	[ -z "$server" ] || kill -QUIT "$server" 2>/dev/null
	wait
	server=
}

if "$programs/initdb" --no-sync --locale=C.UTF-8 --encoding=UTF8 --auth=trust --username=postgres --wal-segsize=1 \
	--pgdata="$dir/data" >"$dir/log" 2>&1; then
	echo "$dir"
	while read -r order; do
		case $order in
		start)
			stop
			"$programs/postgres" -D "$dir/data" -k "$dir" "$@" >>"$dir/log" 2>&1 &
			server=$!
			;;
		stop) stop ;;
		esac
		echo "$order"
	done
else
	cat "$dir/log" >&2
fi
stop
rm -rf "$dir"
