// A small business system that lives with Vienti, by webhooks. No packages.
//
//   VIENTI_URL=http://127.0.0.1:8080 VIENTI_TOKEN=vnt_… node examples/node/vendor.mjs
//
// It takes changes at an address of its own, believes only what is signed, and does each once.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const url = (process.env.VIENTI_URL ?? "").replace(/\/+$/, "");
const token = process.env.VIENTI_TOKEN ?? "";
if (!url || !token) {
  console.error("set VIENTI_URL and VIENTI_TOKEN; `vienti demo` prints both");
  process.exit(2);
}

// One request. A push whose answer was lost is repeated: nothing is stored twice.
async function call(method, path, body) {
  let last;
  for (let attempt = 0; attempt < 5; attempt++) {
    if (attempt) await new Promise((done) => setTimeout(done, attempt * 1000));
    try {
      const answer = await fetch(url + path, {
        method,
        headers: { Authorization: "Bearer " + token, "Content-Type": "application/json" },
        body: body && JSON.stringify(body),
      });
      const text = await answer.text();
      if (answer.ok) return JSON.parse(text);
      last = new Error(`${method} ${path}: ${answer.status} ${text}`);
      if (answer.status < 500 && answer.status !== 429) break;
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

// Whether what came was signed with the secret (Standard Webhooks), within five minutes of now.
function signed(secret, headers, body) {
  const stamp = Number(headers["webhook-timestamp"]);
  if (!(Math.abs(Date.now() / 1000 - stamp) < 300)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const want = createHmac("sha256", key).update(`${headers["webhook-id"]}.${stamp}.`).update(body).digest();
  return (headers["webhook-signature"] ?? "").split(" ").some((one) => {
    const got = Buffer.from(one.replace(/^v1,/, ""), "base64");
    return got.length === want.length && timingSafeEqual(got, want);
  });
}

const number = "JS-" + (Date.now() % 1e8);
const day = (days) => new Date(Date.now() + days * 86400e3).toISOString().slice(0, 10);
const invoice = (vat, demo) => ({
  kind: "sales_invoice", source_id: "order-" + number, number, currency: "EUR", demo, date: day(0), due_date: day(14),
  buyer: { name: "Kuvitelma Kauppa Oy", business_id: "2345678-0", email: "laskut@kuvitelma.example",
    address: { street: "Keksittykatu 5", zip: "33100", city: "Tampere", country: "FI" } },
  // Sums are text: a float is no amount of money.
  lines: [{ name: "Lisenssi", quantity: "3", unit: "kpl", unit_price: "20.00", vat_percent: vat, vat_category: "S" }],
});

const status = await call("GET", "/v1/status");
const demo = status.company.environment === "sandbox";
console.log("connected:", status.connection.name, "→", status.company.name);

let hook;
const seen = new Set(); // in a database in real life
const server = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts);
  if (!hook || !signed(hook.secret, request.headers, body)) return response.writeHead(401).end();
  response.writeHead(204).end(); // at once; the work comes afterwards
  const change = JSON.parse(body);
  if (seen.has(change.id)) return; // it comes at least once
  seen.add(change.id);
  if (change.data.source_id === "order-" + number) await became(change).catch(finish);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
hook = await call("POST", "/v1/webhooks", { url: `http://127.0.0.1:${server.address().port}/vienti` });

async function became({ type, data }) {
  switch (type) {
    case "document.held":
    case "document.refused": {
      const fault = data.faults[0];
      console.log("stopped:", fault.title, "at", fault.path);
      console.log(" ", fault.remedy);
      if (fault.path !== "lines[0].vat_percent") throw new Error("a mistake that we have not made");
      await call("POST", "/v1/documents", invoice("25.5", demo));
      console.log("mended and pushed again");
      break;
    }
    case "document.posted":
      console.log("in Procountor: number", data.procountor.invoice_number, "reference", data.procountor.reference);
      break;
    case "document.done":
      console.log("done");
      await finish();
  }
}

async function finish(error) {
  if (error) console.error(String(error));
  await call("POST", `/v1/webhooks/${hook.id}/end`).catch(() => {});
  process.exit(error ? 1 : 0);
}

setTimeout(() => finish(new Error("it took too long")), 120_000);
const receipt = await call("POST", "/v1/documents", invoice("23", demo));
console.log("pushed", receipt.source_id + ":", receipt.state);
