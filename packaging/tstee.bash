# SPDX-License-Identifier: BSD-3-Clause
# bash completion for tstee.

# Names of keys; those with white space in them are left out.
_tstee_keys() {
	tstee key list 2>/dev/null | awk 'NR > 1 && $2 != "-" && NF == 6 { print $2 }'
}

# ACTION and its key or name, then options and files.
_tstee_key() {
	local words='' make='--type --curve --bits --alg --usage'

	case ${COMP_WORDS[2]} in
	generate) words="$make" ;;
	import) words="$make --format --passphrase" ;;
	public | export) words='--format' ;;
	copy) words='--alg --usage' ;;
	csr) words='--subject --alt-names --alg --format' ;;
	cert) words='--subject --alt-names --alg --format --days --ca' ;;
	esac
	words="$words $call"
	if ((COMP_CWORD == 2)); then
		words='generate import public export list info rename copy csr cert rm --help'
	elif [[ $cur != -* ]]; then
		case $COMP_CWORD:${COMP_WORDS[2]} in
		3:public | 3:export | 3:csr | 3:cert | 3:info | 3:rename | 3:copy | *:rm) words=$(_tstee_keys) ;;
		4:import | 4:public | 4:export | 4:csr | 4:cert)
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return
			;;
		*) return ;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

_tstee() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} words='' word i
	local call='--public --group --endpoint --json --help'

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W 'admin doctor list its ps key sign verify encrypt
			decrypt hash mac kem derive random seal unseal attest call --help --version' -- "$cur")
		return
	fi
	case $prev in
	--group)
		mapfile -t COMPREPLY < <(compgen -W "$(id -G 2>/dev/null)" -- "$cur")
		return
		;;
	--endpoint)
		words=$(tstee list 2>/dev/null | awk 'NR > 1 && $2 != "-" { print $2 }')
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
		;;
	--service)
		words='internal-trusted-storage protected-storage crypto crypto-protobuf
			attestation block-storage fwu test-runner rpmb admin'
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
		;;
	--request | --output | --signature | --aad | --salt | --info | --peer | --passphrase | --secret)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--response-size | --bits | --length | --iterations | --iv | --key | --subject | --alt-names | --days)
		return
		;;
	--verify)
		[[ $command == mac ]] && return
		;;
	--type)
		words='ec rsa ed25519 mldsa44 mldsa65 mldsa87 mlkem512 mlkem768 mlkem1024 aes chacha20 hmac
			derive password raw x25519 x448'
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
		;;
	--curve)
		words='p224 p256 p384 p521 secp256k1 brainpoolP256r1 brainpoolP384r1 brainpoolP512r1
			ed25519 x25519 x448'
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
		;;
	--format)
		mapfile -t COMPREPLY < <(compgen -W 'pem der raw hex ssh' -- "$cur")
		return
		;;
	--alg | --key-alg)
		words='ecdsa ecdsa-sha256 ecdsa-sha384 ecdsa-sha512 rsa-pss-any-salt rsa-pss-sha256
			rsa-pkcs1 rsa-pkcs1-sha256 eddsa ed25519ph ml-dsa deterministic-ml-dsa ml-kem
			rsa-oaep-sha256 aes-128-gcm aes-256-gcm aes-256-ctr
			aes-256-cbc chacha20-poly1305 hmac-sha256 cmac hkdf-sha256 pbkdf2-sha256 ecdh
			ecdh-hkdf-sha256 sha256 sha384 sha512 sha3-256'
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
		;;
	--usage)
		# Behind the last comma.
		words='sign verify sign-message verify-message encrypt decrypt derive export copy'
		word=
		[[ $cur == *,* ]] && word=${cur%,*},
		mapfile -t COMPREPLY < <(compgen -P "$word" -W "$words" -- "${cur##*,}")
		return
		;;
	esac
	case $command in
	list | doctor)
		words='--json --help'
		;;
	its | ps)
		words="$call --write-once --format"
		# ACTION UID FILE, among options anywhere.
		local -a plain=()
		for ((i = 2; i < COMP_CWORD; i++)); do
			word=${COMP_WORDS[i]}
			case ${COMP_WORDS[i - 1]} in
			--group | --endpoint) continue ;;
			esac
			[[ $word == -* ]] || plain+=("$word")
		done
		if [[ $cur != -* ]]; then
			case ${#plain[@]} in
			0)
				words='put get info rm list'
				[[ $command == ps ]] && words+=' create write'
				;;
			2 | 3)
				# create takes no file; write has its offset in front of it.
				case ${#plain[@]}:${plain[0]} in
				2:put | 2:get | 3:write) ;;
				*) return ;;
				esac
				compopt -o filenames 2>/dev/null
				mapfile -t COMPREPLY < <(compgen -f -- "$cur")
				return
				;;
			*) return ;;
			esac
		fi
		;;
	key)
		_tstee_key
		return
		;;
	sign | verify | encrypt | decrypt | mac | derive)
		case $command in
		sign) words='--alg --format --output --hash-only' ;;
		verify) words='--alg --format --signature --hash-only' ;;
		encrypt) words='--alg --aad --output' ;;
		decrypt) words='--alg --aad --iv --output' ;;
		mac) words='--alg --verify' ;;
		derive)
			words='--alg --salt --info --iterations --peer --length --format --output --key
				--key-alg --type --curve --bits --usage'
			;;
		esac
		words="$call $words"
		if [[ $cur != -* ]]; then
			if ((COMP_CWORD == 2)); then
				words=$(_tstee_keys)
			else
				compopt -o filenames 2>/dev/null
				mapfile -t COMPREPLY < <(compgen -f -- "$cur")
				return
			fi
		fi
		;;
	kem)
		words="$call --secret --output --key --key-alg --type --usage --format"
		if [[ $cur != -* ]]; then
			case $COMP_CWORD in
			2) words='encapsulate decapsulate' ;;
			3) words=$(_tstee_keys) ;;
			*)
				compopt -o filenames 2>/dev/null
				mapfile -t COMPREPLY < <(compgen -f -- "$cur")
				return
				;;
			esac
		fi
		;;
	hash)
		words="$call --alg"
		if [[ $cur != -* ]]; then
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return
		fi
		;;
	random)
		words="$call --format --hex --output"
		;;
	seal | unseal)
		words="$call --output --format"
		[[ $command == unseal ]] || words="$words --software"
		if [[ $cur != -* ]]; then
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return
		fi
		;;
	attest)
		if ((COMP_CWORD == 2)); then
			words='token show verify key import-key --help'
		else
			case ${COMP_WORDS[2]} in
			token) words="$call --challenge --legacy --output --format" ;;
			show) words='--hashes --json --help' ;;
			verify) words='--key --challenge --expect --json --help' ;;
			key) words="$call --format" ;;
			import-key) words="$call --passphrase" ;;
			esac
			if [[ $cur != -* ]]; then
				compopt -o filenames 2>/dev/null
				mapfile -t COMPREPLY < <(compgen -f -- "$cur")
				return
			fi
		fi
		;;
	admin)
		words=$call
		[[ ${COMP_WORDS[2]} == erase ]] && words="$call --yes"
		if [[ $cur != -* ]]; then
			case $COMP_CWORD:${COMP_WORDS[2]} in
			2:*) words='usage list rm erase' ;;
			3:rm) words='its ps key' ;;
			4:rm) words='public user: group: 0x' ;;
			3:erase) words='all public user: group: 0x' ;;
			*) return ;;
			esac
		fi
		;;
	call)
		words="$call --service --request --response-size --output --format"
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _tstee tstee
