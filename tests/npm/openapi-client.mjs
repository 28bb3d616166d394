// Makes a client of the API from its description and uses it, as anybody who integrates would:
//   node openapi-client.mjs URL TOKEN FOLDER
// FOLDER is for what is made. Prints one line per step; the first surprise ends it with status 1.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const [url, token, folder] = process.argv.slice(2);
const packages = join(dirname(fileURLToPath(import.meta.url)), "node_modules");

const types = astToString(await openapiTS(new URL("/openapi.json", url)));
mkdirSync(folder, { recursive: true });
symlinkSync(packages, join(folder, "node_modules"));
writeFileSync(join(folder, "api.d.ts"), types);
writeFileSync(join(folder, "package.json"), '{"type": "module"}');
console.log("ok types");

// Compiled strictly: a member that the description does not have, or one that may be null, is an error.
writeFileSync(
  join(folder, "session.ts"),
  `import createClient from "openapi-fetch";
import type { paths } from "./api.js";

declare const process: { argv: string[] };

function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

const [url, token] = process.argv.slice(2) as [string, string];
const client = createClient<paths>({ baseUrl: url, headers: { Authorization: "Bearer " + token } });

const made = await client.POST("/api/api-keys", { body: { name: "reports", role: "viewer", scopes: ["flows:read"] } });
expect(made.data !== undefined, "no key: " + made.error?.detail);
const { id, key, state } = made.data;
expect(state === "active" && key.startsWith("slk_"), "the key is not what it should be");
console.log("ok made");

const reader = createClient<paths>({ baseUrl: url, headers: { Authorization: "Bearer " + key } });
const flows = await reader.GET("/api/flows");
expect(flows.data !== undefined, "no flows: " + flows.error?.detail);
for (const flow of flows.data.items) {
  expect(["RUNNING", "PAUSED", "STOPPED", "FAILED", "UNASSIGNED"].includes(flow.state), flow.state);
}
const history = await client.GET("/api/sync/history", { params: { query: { limit: 5, status: "completed" } } });
expect(typeof history.data === "object" && history.data.next_cursor === null, "the history is not there");
console.log("ok read");

const missing = await client.GET("/api/flows/{name}", { params: { path: { name: "no such flow" } } });
expect(missing.error !== undefined && missing.response.status === 404, "there is such a flow");
expect(missing.error.type === "/errors/flow.unknown", missing.error.type);
const page = await fetch(new URL(missing.error.type, url));
expect(page.status === 200 && (await page.text()).includes("What to do"), "its page is not there");
console.log("ok problem");

const set = await client.PUT("/api/settings/{key}", { params: { path: { key: "api_keys" } }, body: { keys_max: 50 } });
expect(set.data?.value?.["keys_max"] === 50, "the setting is not stored: " + set.error?.detail);
console.log("ok set");

const gone = await client.DELETE("/api/api-keys/{id}", { params: { path: { id } } });
expect(gone.response.status === 204, "the key is not revoked");
expect((await reader.GET("/api/flows")).response.status === 401, "a revoked key is good");
console.log("ok revoked");
`,
);
const tsc = join(packages, "typescript", "bin", "tsc");
const settings = ["--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom", "--skipLibCheck"];
try {
  execFileSync(process.execPath, [tsc, ...settings, "--outDir", join(folder, "out"), join(folder, "session.ts")]);
} catch (failure) {
  console.log(String(failure.stdout));
  process.exit(1);
}
console.log("ok compiled");
writeFileSync(join(folder, "out", "package.json"), '{"type": "module"}');
const session = spawnSync(process.execPath, [join(folder, "out", "session.js"), url, token], { stdio: "inherit" });
process.exit(session.status ?? 1);
