"""A small business system that lives with Vienti, by the feed of changes.

    VIENTI_URL=http://127.0.0.1:8080 VIENTI_TOKEN=vnt_… python3 examples/python/vendor.py

Standard library only. It keeps its cursor in a file: started again, it goes on from where
it was. docs/api.md, "What to store on your side", says what else you need.
"""

import datetime
import json
import os
import sys
import time
import urllib.error
import urllib.request

URL = os.environ.get("VIENTI_URL", "").rstrip("/")
TOKEN = os.environ.get("VIENTI_TOKEN", "")
CURSOR = os.environ.get("VIENTI_CURSOR", "vienti.cursor")


def call(method, path, body=None):
    """One request. A push whose answer was lost is repeated: nothing is stored twice."""
    sent = None if body is None else json.dumps(body).encode()
    for attempt in range(5):
        if attempt:
            time.sleep(attempt)
        request = urllib.request.Request(URL + path, data=sent, method=method)
        request.add_header("Authorization", "Bearer " + TOKEN)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429:
                sys.exit(f"{method} {path}: {error.code} {error.read().decode()}")
            last = error
        except OSError as error:
            last = error
    sys.exit(f"{method} {path}: {last}")


def changes():
    """Every change once, in order. The cursor is kept after what it stands for is done."""
    cursor = ""
    if os.path.exists(CURSOR):
        with open(CURSOR, encoding="ascii") as file:
            cursor = file.read().strip()
    while True:
        page = call("GET", f"/v1/changes?wait=20&after={cursor}")
        for change in page["changes"]:
            yield change
        cursor = page["next"]
        with open(CURSOR + ".new", "w", encoding="ascii") as file:
            file.write(cursor)
        os.replace(CURSOR + ".new", CURSOR)


def invoice(number, vat, demo):
    today = datetime.date.today()
    # Sums are text: a float is no amount of money.
    return {
        "kind": "sales_invoice", "source_id": "order-" + number, "number": number, "currency": "EUR", "demo": demo,
        "date": today.isoformat(), "due_date": (today + datetime.timedelta(days=14)).isoformat(),
        "buyer": {"name": "Kuvitelma Kauppa Oy", "business_id": "2345678-0", "email": "laskut@kuvitelma.example",
                  "address": {"street": "Keksittykatu 5", "zip": "33100", "city": "Tampere", "country": "FI"}},
        "lines": [{"name": "Ylläpito", "quantity": "1", "unit": "kpl", "unit_price": "49.90", "vat_percent": vat, "vat_category": "S"}],
    }


def main():
    if not URL or not TOKEN:
        sys.exit("set VIENTI_URL and VIENTI_TOKEN; `vienti demo` prints both")
    status = call("GET", "/v1/status")
    demo = status["company"]["environment"] == "sandbox"
    print("connected:", status["connection"]["name"], "→", status["company"]["name"])

    number = "PY-" + str(int(time.time() * 1000) % 10**8)
    receipt = call("POST", "/v1/documents", invoice(number, "23", demo))
    print("pushed", receipt["source_id"] + ":", receipt["state"])
    for change in changes():
        data = change["data"]
        if data.get("source_id") != "order-" + number:
            continue  # another document's
        kind = change["type"]
        if kind == "document.held" or kind == "document.refused":
            fault = data["faults"][0]
            print("stopped:", fault["title"], "at", fault["path"])
            print(" ", fault["remedy"])
            if fault["path"] != "lines[0].vat_percent":
                sys.exit("a mistake that we have not made")
            call("POST", "/v1/documents", invoice(number, "25.5", demo))
            print("mended and pushed again")
        elif kind == "document.posted":
            there = data["procountor"]
            print("in Procountor: number", there["invoice_number"], "reference", there.get("reference"))
        elif kind == "document.done":
            print("done")
            return


main()
