// Drives the books with the public clients, as a connector's author would:
//   node quickbooks-clients.mjs URL REALM CLIENT_ID CLIENT_SECRET REFRESH_TOKEN
// Tokens by intuit-oauth, the company by node-quickbooks. Prints one line per step; the first
// surprise ends it with status 1.
import assert from "node:assert/strict";
import OAuthClient from "intuit-oauth";
import QuickBooks from "node-quickbooks";

const [url, realmId, clientId, clientSecret, refreshToken] = process.argv.slice(2);
const said = (step) => console.log(`ok ${step}`);

const oauth = new OAuthClient({ clientId, clientSecret, environment: "sandbox", redirectUri: `${url}/callback` });
oauth.setAuthorizeURLs({
  authorizeEndpoint: `${url}/connect/oauth2`,
  tokenEndpoint: `${url}/oauth2/v1/tokens/bearer`,
  revokeEndpoint: `${url}/v2/oauth2/tokens/revoke`,
  userInfoEndpoint: `${url}/v1/openid_connect/userinfo`,
});

const consent = await fetch(oauth.authorizeUri({ scope: [OAuthClient.scopes.Accounting], state: "a b" }), {
  redirect: "manual",
});
assert.equal(consent.status, 302);
const redirected = consent.headers.get("location");
assert.equal(new URL(redirected).searchParams.get("realmId"), realmId);
assert.equal(new URL(redirected).searchParams.get("state"), "a b");
const granted = (await oauth.createToken(redirected)).getToken();
assert.equal(granted.token_type, "bearer");
assert.equal(granted.realmId, realmId);
said("consent and code");

const renewed = (await oauth.refresh()).getToken();
assert.notEqual(renewed.refresh_token, granted.refresh_token);
const info = await oauth.makeApiCall({ url: `${url}/v3/company/${realmId}/companyinfo/${realmId}` });
assert.equal(info.json.CompanyInfo.CompanyName, "Harbour Traders");
assert.ok(info.headers.intuit_tid, "intuit_tid");
await assert.rejects(oauth.refreshUsingToken(granted.refresh_token), (failure) => {
  assert.match(JSON.stringify(failure.originalMessage ?? failure.message), /400|invalid_grant/);
  return true;
});
said("refresh and rotation");

Object.assign(QuickBooks, {
  V3_ENDPOINT_BASE_URL: `${url}/v3/company/`,
  TOKEN_URL: `${url}/oauth2/v1/tokens/bearer`,
  REVOKE_URL: `${url}/v2/oauth2/tokens/revoke`,
});
const books = new QuickBooks(clientId, clientSecret, null, false, realmId, true, false, 75, "2.0", refreshToken);
const call = (name, ...given) =>
  new Promise((resolve, reject) =>
    books[name](...given, (failure, body) => (failure ? reject(failure) : resolve(body))),
  );

async function refused(promise, code) {
  const failure = await promise.then(
    () => assert.fail(`expected fault ${code}`),
    (error) => error,
  );
  const body = failure.response?.data ?? failure;
  assert.equal(body.Fault?.Error[0].code, code, JSON.stringify(body));
  return body.Fault.Error[0];
}

await call("refreshAccessToken");
assert.equal((await call("getCompanyInfo", realmId)).Country, "US");
assert.equal((await call("getPreferences")).TaxPrefs.PartnerTaxEnabled, true);
said("connection");

const customer = await call("createCustomer", {
  DisplayName: "Ines O'Kafor (W731)",
  PrimaryEmailAddr: { Address: "ines@example.test" },
  ShipAddr: { Line1: "1 Main St", City: "Duluth", CountrySubDivisionCode: "MN", Country: "US" },
});
assert.equal(customer.SyncToken, "0");
await refused(call("createVendor", { DisplayName: "Ines O'Kafor (W731)" }), "6240");
const changed = await call("updateCustomer", { Id: customer.Id, SyncToken: "0", Notes: "vip" });
assert.equal(changed.SyncToken, "1");
assert.equal(changed.PrimaryEmailAddr.Address, "ines@example.test");
await refused(call("updateCustomer", { Id: customer.Id, SyncToken: "0", Notes: "late" }), "5010");
said("customer");

const accounts = await call("findAccounts", { AccountType: "Income", limit: 10 });
const income = accounts.QueryResponse.Account.find((account) => account.Name === "Sales of Product Income");
const item = await call("createItem", {
  Name: "Cedar Mug",
  Sku: "MUG",
  Type: "Service",
  Taxable: true,
  IncomeAccountRef: { value: income.Id },
});
said("item");

const line = (Amount, Qty, UnitPrice) => ({
  Amount,
  DetailType: "SalesItemLineDetail",
  SalesItemLineDetail: { ItemRef: { value: item.Id }, Qty, UnitPrice, TaxCodeRef: { value: "TAX" } },
});
const invoice = await call("createInvoice", {
  requestId: "first",
  DocNumber: "WOO-1",
  CustomerRef: { value: customer.Id },
  Line: [line(49, 2, 24.5), line(15, 1, 15)],
});
assert.equal(invoice.TotalAmt, 69.28);
assert.equal(invoice.TxnTaxDetail.TotalTax, 5.28);
const same = await call("createInvoice", { requestId: "first", CustomerRef: { value: customer.Id }, Line: [line(1, 1, 1)] });
assert.deepEqual(same, invoice);
const holder = await refused(
  call("createSalesReceipt", { DocNumber: "WOO-1", CustomerRef: { value: customer.Id }, Line: [line(1, 1, 1)] }),
  "6140",
);
assert.equal(/TxnId=(\d+)/.exec(holder.Detail)[1], invoice.Id);
await refused(call("createInvoice", { CustomerRef: { value: customer.Id }, Line: [line(50, 2, 24.5)] }), "6070");
said("invoice");

const payment = await call("createPayment", {
  CustomerRef: { value: customer.Id },
  TotalAmt: 69.28,
  Line: [{ Amount: 69.28, LinkedTxn: [{ TxnId: invoice.Id, TxnType: "Invoice" }] }],
});
const paid = await call("getInvoice", invoice.Id);
assert.equal(paid.Balance, 0);
assert.equal(paid.SyncToken, "1");
await refused(call("deleteInvoice", invoice.Id), "6000");
const voided = await call("voidPayment", { Id: payment.Id, SyncToken: payment.SyncToken });
assert.equal(voided.TotalAmt, 0);
assert.equal((await call("voidInvoice", invoice.Id)).Invoice.PrivateNote, "Voided");
said("payment and void");

const found = await call("findCustomers", [
  { field: "DisplayName", value: "Ines O'%", operator: "LIKE" },
  { field: "Active", value: [true, false], operator: "IN" },
]);
assert.equal(found.QueryResponse.Customer[0].Id, customer.Id);
assert.equal((await call("findInvoices", { count: true })).QueryResponse.totalCount, 1);
assert.deepEqual((await call("findSalesReceipts", { DocNumber: "none" })).QueryResponse, {});
await refused(call("findInvoices", { PrivateNote: "Voided" }), "4001");
for (let i = 0; i < 5; ++i) await call("createTerm", { Name: `Net ${40 + i}`, DueDays: 40 + i });
const all = await call("findTerms", { limit: 3, fetchAll: true, asc: "Id" });
assert.equal(all.QueryResponse.Term.length, 9);
said("queries");

const batch = await call("batch", [
  { bId: "1", operation: "create", Customer: { DisplayName: "Bob" } },
  { bId: "2", operation: "create", Customer: { DisplayName: "Bob" } },
  { bId: "3", Query: "select * from Customer where DisplayName = 'Bob'" },
]);
assert.equal(batch.BatchItemResponse.length, 3);
assert.equal(batch.BatchItemResponse[1].Fault.Error[0].code, "6240");
assert.deepEqual(batch.BatchItemResponse[2].QueryResponse, {});
const changes = await call("changeDataCapture", ["Customer", "Estimate"], customer.MetaData.CreateTime);
const groups = changes.CDCResponse[0].QueryResponse;
assert.equal(groups.find((group) => group.Customer).Customer.length, 2);
said("batch and changes");

await call("revokeAccess", true);
said("revoke");
