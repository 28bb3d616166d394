// What Supabase's own JavaScript client makes of a project: one line of JSON per call.
// Usage: node postgrest_js.mjs <folder with node_modules> <project url> <key>
import { createRequire } from "node:module";

const [, , folder, url, key] = process.argv;
const { PostgrestClient } = createRequire(`${folder}/package.json`)("@supabase/postgrest-js");
const db = new PostgrestClient(`${url}/rest/v1`, {
  headers: { apikey: key, Authorization: `Bearer ${key}` },
});

const order = (source_id, more = {}) => ({
  tenant_id: "acme", source_system: "woocommerce:shop", source_id, status: "completed",
  payment_status: "paid", currency: "USD", total: "12.30",
  source_created_at: "2026-11-01T10:00:00Z", ...more,
});
const conflict = { onConflict: "tenant_id,source_system,source_id" };

const calls = {
  "insert": () => db.from("orders").insert([order("1"), order("2", { total: "7.70" })]).select("source_id"),
  "insert without answer": () => db.from("orders").insert(order("3")),
  "duplicate": () => db.from("orders").insert(order("1")),
  "upsert": () => db.from("orders").upsert([order("1", { total: "5" }), order("4")], conflict).select("source_id,total::text"),
  "upsert, ignoring": () => db.from("orders").upsert([order("1")], { ...conflict, ignoreDuplicates: true }).select("source_id"),
  "unequal keys": () => db.from("customers").insert([
    { tenant_id: "acme", source_system: "s", source_id: "1", email: "a@b.example" },
    { tenant_id: "acme", source_system: "s", source_id: "2" }]).select("source_id,email"),
  "select, counted": () => db.from("orders").select("source_id,total::text", { count: "exact" }).order("source_id").range(1, 2),
  "filters": () => db.from("orders").select("source_id").gte("total", 6).in("source_id", ["1", "2", "3,"]).not("status", "eq", "failed"),
  "or": () => db.from("orders").select("source_id").or("source_id.eq.1,and(total.gt.7,total.lt.8)").order("source_id"),
  "is": () => db.from("orders").select("source_id").is("number", null).order("source_id", { ascending: false }).limit(2),
  "single": () => db.from("orders").select("source_id").eq("source_id", "1").single(),
  "single of none": () => db.from("orders").select("source_id").eq("source_id", "x").single(),
  "maybe single": () => db.from("orders").select("source_id").eq("source_id", "x").maybeSingle(),
  "head": () => db.from("orders").select("*", { count: "exact", head: true }),
  "update": () => db.from("orders").update({ status: "on-hold" }).eq("source_id", "1").select("source_id,status"),
  "refused update": () => db.from("orders").update({ status: "lost" }).eq("source_id", "1"),
  "delete": () => db.from("orders").delete({ count: "exact" }).in("source_id", ["3", "4"]),
  "missing table": () => db.from("nope").select("*"),
  "missing column": () => db.from("orders").select("nope"),
};

for (const [name, call] of Object.entries(calls)) {
  const { status, statusText, count, error, data } = await call();
  if (error?.details?.startsWith("Failing row")) error.details = "Failing row";
  console.log(JSON.stringify({ name, status, statusText, count, error, data }));
}
