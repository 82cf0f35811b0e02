"""A client that shares no code with the sandbox: the first five minutes of an
integration. Usage: smoke.py BASE_URL CLIENT_ID CLIENT_SECRET API_KEY"""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from decimal import Decimal

base, client_id, secret, key = sys.argv[1:]
token = None


def call(method, path, body=None, headers=None, raw=None):
    headers = dict(headers or {})
    data = raw
    if body is not None:
        data = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    if token:
        headers["Authorization"] = "Bearer " + token
    request = urllib.request.Request(base + path, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            assert response.headers["X-Procountor-Sandbox"], "no sandbox header"
            text = response.read()
            if response.headers.get_content_type() != "application/json":
                return response.status, text
            return response.status, json.loads(text, parse_float=Decimal)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read(), parse_float=Decimal)


def want(got, expected, what):
    assert got == expected, f"{what}: got {got!r}, want {expected!r}"


status, answer = call("GET", "/sessioninfo")
want(status, 401, "without a token")

form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, "api_key": key})
status, answer = call("POST", "/oauth/token", raw=form.encode(), headers={"Content-Type": "application/x-www-form-urlencoded"})
want(status, 200, "token")
token = answer["access_token"]

status, accounts = call("GET", "/bankaccounts")
iban = accounts["results"][-1]["iban"]
status, years = call("GET", "/fiscalyears")
year = years["fiscalYears"][-1]["startDate"][:4]

invoice = {
    "type": "SALES_INVOICE", "date": f"{year}-01-15", "vatStatus": 1, "invoiceChannel": "NO_SENDING", "language": "FINNISH",
    "discountPercent": 0, "originalInvoiceNumber": "PY-1",
    "counterParty": {"counterPartyAddress": {"name": "Åland & Öst Oy", "country": "FINLAND"}},
    "paymentInfo": {"paymentMethod": "BANK_TRANSFER", "currency": "EUR", "currencyRate": 1, "dueDate": f"{year}-01-29",
                    "bankAccount": {"accountNumber": iban}, "bankReferenceCode": ""},
    "extraInfo": {"accountingByRow": True, "unitPricesIncludeVat": False},
    "invoiceRows": [{"product": "Työ", "quantity": 3, "unit": "HOUR", "unitPrice": 99.99, "discountPercent": 0, "vatPercent": 25.5}],
}
status, saved = call("POST", "/invoices", invoice)
want(status, 200, saved)
want(saved["status"], "UNFINISHED", "status")
want(saved["invoiceSumInfo"][0]["invoiceSumTotal"], Decimal("376.46"), "total")
assert saved["paymentInfo"]["bankReferenceCode"], "no reference"

status, receipt = call("GET", f"/ledgerreceipts/{saved['ledgerReceiptId']}")
total = sum(t["accountingValue"] + (t["accountingValue"] * t["vatPercent"] / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP") for t in receipt["transactions"])
want(total, 0, "balance")
receipt["transactions"][1]["account"] = "3010"
status, receipt = call("PUT", f"/ledgerreceipts/{receipt['id']}", json.loads(json.dumps(receipt, default=float)))
want(status, 200, receipt)
want(receipt["transactions"][1]["account"], "3010", "account")

boundary = "----python"
meta = json.dumps({"name": "lasku.pdf", "referenceType": "INVOICE", "referenceId": saved["id"], "sendWithInvoice": False})
body = (f"--{boundary}\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{meta}\r\n"
        f"--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"lasku.pdf\"\r\n\r\n").encode() + bytes(range(256)) + f"\r\n--{boundary}--\r\n".encode()
status, attachment = call("POST", "/attachments", raw=body, headers={"Content-Type": "multipart/form-data; boundary=" + boundary})
want(status, 200, attachment)
status, text = call("GET", f"/attachments/{attachment['id']}")
assert bytes(range(256)) in text, "the file came back changed"

status, answer = call("PUT", f"/invoices/{saved['id']}/approve")
want(status, 200, answer)
status, found = call("GET", "/invoices?originalInvoiceNumber=PY-1&types=SALES_INVOICE")
want([i["status"] for i in found["results"]], ["APPROVED"], "search")
invoice["invoiceRows"][0]["vatPercent"] = 99
status, answer = call("POST", "/invoices", invoice)
want((status, answer["errors"][0]["field"]), (400, "invoiceRows[0].vatPercent"), "a rate that is not in use")
print("ok")
