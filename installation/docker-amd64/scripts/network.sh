# Sourced by the scripts of the build: whoever downloads trusts the host's certificate authorities, for this step only.
# shellcheck shell=sh

ca=/run/secrets/ca
if [ -s "$ca" ]; then
    export SSL_CERT_FILE="$ca" REQUESTS_CA_BUNDLE="$ca" PIP_CERT="$ca" CURL_CA_BUNDLE="$ca" GIT_SSL_CAINFO="$ca"
    export MAMBA_SSL_VERIFY="$ca" CONDA_SSL_VERIFY="$ca"
fi
