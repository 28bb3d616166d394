// Drives a WooCommerce shop with the public client, as a connector's author would:
//   node woocommerce-client.mjs URL KEY SECRET
// Prints one line per step; the first surprise ends it with status 1.
import assert from "node:assert/strict";
import module from "@woocommerce/woocommerce-rest-api";

const [url, consumerKey, consumerSecret] = process.argv.slice(2);
const Client = module.default ?? module;
const shop = new Client({ url, consumerKey, consumerSecret, version: "wc/v3" });
const said = (step) => console.log(`ok ${step}`);

async function refused(promise, status, code) {
  const error = await promise.then(
    () => assert.fail(`expected ${status} ${code}`),
    (failure) => failure,
  );
  assert.equal(error.response?.status, status, error.message);
  assert.equal(error.response.data.code, code);
}

const first = await shop.get("orders", { per_page: 20, page: 2, orderby: "id", order: "asc" });
assert.equal(first.status, 200);
assert.equal(first.headers["x-wp-total"], "61");
assert.equal(first.headers["x-wp-totalpages"], "4");
assert.equal(first.data.length, 20);
assert.equal(first.data[0].id, 75);
said("list");

const some = await shop.get("orders", {
  status: ["completed", "refunded"],
  modified_after: "2026-11-21T07:34:26",
  dates_are_gmt: true,
  _fields: "id,status",
});
assert.deepEqual(
  some.data.map((order) => order.id),
  [111, 98, 91],
);
said("filters with a list and a date");

const created = await shop.post("orders", {
  set_paid: true,
  billing: { first_name: "Zoë", last_name: "O'Neill & Søn", state: "NY", country: "US", email: "zoe@example.test" },
  line_items: [{ product_id: 10, quantity: 3 }],
  shipping_lines: [{ method_id: "flat_rate", method_title: "Flat", total: "5.00" }],
  coupon_lines: [{ code: "PCT10" }],
});
assert.equal(created.status, 201);
assert.equal(created.headers.location.endsWith(`/wp-json/wc/v3/orders/${created.data.id}`), true);
assert.equal(created.data.status, "processing");
assert.equal(created.data.total, "18.13"); // 12.96 - 1.30, 1.03 tax; 5.00 shipping, 0.44 tax
assert.equal(created.data.billing.last_name, "O'Neill & Søn");
said("create");

const changed = await shop.put(`orders/${created.data.id}`, { status: "completed" });
assert.equal(changed.data.status, "completed");
assert.notEqual(changed.data.date_completed, null);
said("update");

const refund = await shop.post(`orders/${created.data.id}/refunds`, { amount: "2.00", api_refund: false });
assert.equal(refund.data.amount, "2.00");
assert.equal((await shop.get(`orders/${created.data.id}`)).data.refunds[0].total, "-2.00");
said("refund");

const batch = await shop.post("products/batch", {
  create: [{ name: "New", sku: "NEW-1", regular_price: "3.00" }, { name: "Twice", sku: "SKU-001" }],
  update: [{ id: 11, name: "Renamed" }],
  delete: [12],
});
assert.equal(batch.status, 200);
assert.equal(batch.data.create[1].error.code, "product_invalid_sku");
assert.equal(batch.data.update[0].name, "Renamed");
await refused(shop.get("products/12"), 404, "woocommerce_rest_product_invalid_id");
said("batch");

const trashed = await shop.delete(`orders/${created.data.id}`);
assert.equal(trashed.data.status, "completed");
await refused(shop.delete(`orders/${created.data.id}`), 410, "woocommerce_rest_already_trashed");
await shop.delete(`orders/${created.data.id}`, { force: true });
await refused(shop.get(`orders/${created.data.id}`), 404, "woocommerce_rest_shop_order_invalid_id");
said("delete");

const stranger = new Client({ url, consumerKey, consumerSecret: "cs_wrong", version: "wc/v3" });
await refused(stranger.get("orders"), 401, "woocommerce_rest_authentication_error");
said("wrong secret");
