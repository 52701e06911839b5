"""The same comparison with koladapy, as well as it allows: `koladapy_jamfor.py UPPDRAG SÄTT [UT]`.

UPPDRAG is a JSON file (see benchmarks/jamforelse.py). SÄTT is how koladapy is used:

    standard    as it comes: five requests a second at most, one after the other
    fri         without its limit of requests a second, one after the other
    tradar      without the limit, in four threads with a client each, which is our own work

With UT the table is made with pandas and written with openpyxl.
"""

import json
import logging
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
from koladapy import KoladaAPI

logging.disable(logging.WARNING)
TRADAR = 4
PER_FRAGA = 25


def new_client(satt: str) -> KoladaAPI:
    """Return a client; the base url must end with a slash, or koladapy drops its last part."""
    limit = {} if satt == "standard" else {"max_requests_per_second": 1e9}
    return KoladaAPI(base_url=os.environ["GENOMLYSNING_KOLADA_URL"] + "/", **limit)


def fetch(order: dict, satt: str) -> dict:
    """Ask for all that the comparison needs, with koladapy's own batches of 25 figures."""
    ids, years, ranked = order["nyckeltal"], order["years"], order["placeras"]
    client = new_client(satt)
    if satt != "tradar":
        everywhere = client.get_municipalities()
        kommun = pick_kommun(everywhere, order)
        groups = pick_grupper(client.get_municipality_groups(query=order["kommun"]), order)
        places = [kommun, *groups.values(), "G2328"]
        return {
            "kommun": kommun,
            "grupper": groups,
            "katalog": client.get_kpis(ids, as_dataframe=True),
            "varden": client.get_data_as_dataframe(ids, places, years),
            "alla": pd.concat(
                client.get_data_as_dataframe(ranked, part, [order["year"]])
                for part in split_kommuner(everywhere)
            ),
        }
    with ThreadPoolExecutor(TRADAR) as pool:
        clients = [new_client(satt) for _ in range(TRADAR)]

        def run(jobs):
            """Run jobs, each with a client that no other thread has at the time."""

            def one(job):
                mine = clients.pop()
                try:
                    return job(mine)
                finally:
                    clients.append(mine)

            return list(pool.map(one, jobs))

        batches = [ids[i : i + PER_FRAGA] for i in range(0, len(ids), PER_FRAGA)]
        of_all = [ranked[i : i + PER_FRAGA] for i in range(0, len(ranked), PER_FRAGA)]
        found = run(
            [
                lambda c: c.get_municipalities(),
                lambda c: c.get_municipality_groups(query=order["kommun"]),
                *(lambda c, b=b: c.get_kpis(b, as_dataframe=True) for b in batches),
            ]
        )
        kommun, groups = pick_kommun(found[0], order), pick_grupper(found[1], order)
        places = [kommun, *groups.values(), "G2328"]
        parts = split_kommuner(found[0])
        values = run(
            [
                *(lambda c, b=b: c.get_data_as_dataframe(b, places, years) for b in batches),
                *(
                    lambda c, b=b, p=p: c.get_data_as_dataframe(b, p, [order["year"]])
                    for b in of_all
                    for p in parts
                ),
            ]
        )
    return {
        "kommun": kommun,
        "grupper": groups,
        "katalog": pd.concat(found[2:]),
        "varden": pd.concat(values[: len(batches)]),
        "alla": pd.concat(values[len(batches) :]),
    }


def split_kommuner(rows: list) -> list:
    """Return the municipalities' codes in parts: an answer for all would hold the groups too."""
    codes = [r["id"] for r in rows if r["type"] == "K"]
    return [codes[i : i + PER_FRAGA] for i in range(0, len(codes), PER_FRAGA)]


def pick_kommun(rows: list, order: dict) -> str:
    return next(r["id"] for r in rows if r["title"] == order["kommun"] and r["type"] == "K")


def pick_grupper(rows: list, order: dict) -> dict:
    """Return the newest group of similar municipalities by area, for the areas asked for."""
    found = {}
    for row in sorted(rows, key=lambda r: r["title"]):
        kind, _, rest = row["title"].partition(" kommuner")
        parts = rest.lstrip(",").strip().split(", ")
        if kind == "Liknande" and len(parts) == 3 and parts[1] == order["kommun"]:
            found[parts[0].lower()] = row["id"]
    wanted = {area.lower() for area in order["omraden"].values()}
    return {area: id_ for area, id_ in found.items() if area in wanted | {"övergripande"}}


def tabulate(order: dict, found: dict) -> pd.DataFrame:
    """Return a row for each figure: three years, similar ones, all, difference and place."""
    values = clean(found["varden"])
    newest = values[values.period == order["year"]].pivot(
        index="kpi", columns="municipality", values="value"
    )
    own = values[values.municipality == found["kommun"]].pivot(
        index="kpi", columns="period", values="value"
    )
    everyone = clean(found["alla"])
    everyone = everyone[~everyone.municipality.str.startswith("00")]
    wide = everyone.pivot(index="kpi", columns="municipality", values="value")
    higher = pd.Series(order["hogre"])
    signed = wide.mul(higher.reindex(wide.index).map({True: -1.0, False: 1.0}), axis=0)
    ranks = signed.rank(axis=1, method="min")
    titles = found["katalog"].set_index("id").title
    rows = []
    for kpi in order["nyckeltal"]:
        area = order["omraden"][kpi].lower()
        group = found["grupper"].get(area, found["grupper"].get("övergripande"))
        row = {"Nyckeltal": titles.get(kpi), "Kolada-id": kpi}
        row |= {str(y): own[y].get(kpi) if y in own else None for y in order["years"]}
        get = newest.loc[kpi].get if kpi in newest.index else {}.get
        value, similar = get(found["kommun"]), get(group)
        row |= {"Liknande": similar, "Alla": get("G2328")}
        both = pd.notna(value) and pd.notna(similar)
        row["Skillnad"] = value - similar if both else None
        ranked = kpi in ranks.index and pd.notna(value)
        row["Plats"] = ranks.loc[kpi].get(found["kommun"]) if ranked else None
        row["Av"] = wide.loc[kpi].count() if ranked else None
        rows.append(row)
    return pd.DataFrame(rows)


def clean(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[(frame.gender == "T") & ~frame.isdeleted.astype(bool)]


def write(table: pd.DataFrame, fil: Path) -> None:
    with pd.ExcelWriter(fil, engine="openpyxl") as writer:
        table.to_excel(writer, sheet_name="Jämförelse", index=False)
        sheet = writer.sheets["Jämförelse"]
        for column in sheet.iter_cols(min_col=3, min_row=2):
            for cell in column:
                cell.number_format = "0.0"
        sheet.column_dimensions["A"].width = 60
        sheet.freeze_panes = "C2"


def main() -> None:
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    started = time.perf_counter()
    found = fetch(order, sys.argv[2])
    seconds = time.perf_counter() - started
    table = tabulate(order, found)
    if len(sys.argv) > 3:
        write(table, Path(sys.argv[3]))
    table = table.astype(object).where(table.notna(), None)
    own = dict(zip(table["Kolada-id"], table[str(order["year"])], strict=True))
    placed = {
        r["Kolada-id"]: [int(r["Plats"]), int(r["Av"])]
        for r in table.to_dict("records")
        if r["Plats"] is not None
    }
    print(json.dumps({"sekunder": seconds, "egna": own, "platser": placed}))


main()
