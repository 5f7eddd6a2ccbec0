# shellcheck shell=sh
# Connection strings: from Npgsql's form, which Bifrost uses, to the variables that libpq reads.

npgsql_url() {
    printf 'Host=127.0.0.1;Port=%s;Database=%s;Username=%s;Password=%s\n' "$1" "$2" "$3" "$4"
}

# Reads an Npgsql connection string and prints shell assignments of PGHOST and its like. Variables
# keep the password out of the process list. Values may be quoted with ' or ", a doubled quote
# stands for itself; keywords that only Npgsql knows (pooling and so on) mean nothing to libpq.
npgsql_to_libpq() {
    printf '%s' "$1" | awk '
        function emit(name, text) {
            gsub(/\047/, "\047\\\047\047", text)
            printf "export %s=\047%s\047\n", name, text
        }
        function trim(text) {
            sub(/^[ \t\n]+/, "", text)
            sub(/[ \t\n]+$/, "", text)
            return text
        }
        function pair(key, text,    plain) {
            key = tolower(trim(key))
            gsub(/[ _]/, "", key)
            if (key in variable) {
                if (key == "sslmode") {
                    plain = tolower(text)
                    text = plain == "verifyfull" ? "verify-full" : plain == "verifyca" ? "verify-ca" : plain
                }
                emit(variable[key], text)
            } else if (key == "searchpath") {
                emit("PGOPTIONS", "-c search_path=" text)
            }
        }
        BEGIN {
            split("host PGHOST server PGHOST port PGPORT database PGDATABASE db PGDATABASE " \
                "username PGUSER userid PGUSER user PGUSER uid PGUSER password PGPASSWORD " \
                "pwd PGPASSWORD psw PGPASSWORD sslmode PGSSLMODE rootcertificate PGSSLROOTCERT " \
                "sslcertificate PGSSLCERT sslkey PGSSLKEY applicationname PGAPPNAME " \
                "timeout PGCONNECT_TIMEOUT passfile PGPASSFILE", words, " ")
            for (i = 1; i in words; i += 2) variable[words[i]] = words[i + 1]
        }
        { all = all (NR > 1 ? "\n" : "") $0 }
        END {
            at = 1
            while (at <= length(all)) {
                equals = index(substr(all, at), "=")
                if (!equals) break
                key = substr(all, at, equals - 1)
                sub(/^[; \t]+/, "", key)
                at += equals
                while (substr(all, at, 1) ~ /[ \t]/) at++
                quote = substr(all, at, 1)
                text = ""
                if (quote == "\047" || quote == "\"") {
                    for (at++; at <= length(all); at++) {
                        c = substr(all, at, 1)
                        if (c == quote && substr(all, at + 1, 1) != quote) break
                        if (c == quote) at++
                        text = text c
                    }
                    while (at <= length(all) && substr(all, at, 1) != ";") at++
                } else {
                    while (at <= length(all) && substr(all, at, 1) != ";") text = text substr(all, at++, 1)
                    text = trim(text)
                }
                at++
                pair(key, text)
            }
        }'
}

# Points libpq programs at the server of an Npgsql connection string, and away from anything that
# the caller's environment says about another one.
use_connection() {
    forget_connection
    eval "$(npgsql_to_libpq "$1")"
}

# Npgsql reads some of these as well, and takes PGPASSWORD before what a Passfile has.
forget_connection() {
    unset PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGPASSFILE PGSERVICE PGOPTIONS PGSSLMODE
}
