# Installerar Genomlysning så att knapparna i Excel fungerar. Kräver inte administratör.
#
#   powershell -ExecutionPolicy Bypass -File installera.ps1
#
# Växlarna är de samma som för genomlysning installera, till exempel --ta-bort.

# Python från Microsoft Store och 32-bitars Python duger inte: se genomlysning/installera.py.
$krav = "import sys, sysconfig; sys.exit(sys.version_info < (3, 11) or 'windowsapps' in " +
    "sys.base_prefix.lower() or sysconfig.get_platform() != 'win-amd64')"

$tolk = $null
foreach ($namn in 'py', 'python', 'python3') {
    foreach ($fil in @(Get-Command $namn -CommandType Application -All -ErrorAction SilentlyContinue)) {
        if ($tolk) { continue }
        $val = @(if ($namn -eq 'py') { '-3' })
        # Genvägen till Microsoft Store, som inte är någon Python, svarar med en felkod.
        & $fil.Source @val -c $krav *> $null
        if ($LASTEXITCODE -eq 0) { $tolk = $fil.Source; $tolkval = $val }
    }
}
if (-not $tolk) {
    Write-Host 'Genomlysning behöver 64-bitars Python 3.11 eller nyare från python.org, och det hittades inte.'
    Write-Host 'Be IT installera det (Python från Microsoft Store och 32-bitars Python fungerar inte).'
    Write-Host 'Öppna sedan ett nytt fönster och kör samma rad igen.'
    exit 4
}

$env:PYTHONPATH = Join-Path $PSScriptRoot 'python'
& $tolk @tolkval -m genomlysning.installera --kalla $PSScriptRoot @args
exit $LASTEXITCODE
