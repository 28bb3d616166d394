// Lints a description of an API:
//   node openapi-lint.mjs FILE
// All of the linter's recommended rules, as errors; what is left out has its reason. Prints one line
// per problem and ends with status 1 if there is one.
import { createConfig, lint } from "@redocly/openapi-core";

const config = await createConfig({
  extends: ["recommended-strict"],
  rules: {
    // /livez, /health and the description itself cannot be refused for what was sent.
    "operation-4xx-response": "error",
    "no-unused-components": "error",
    "operation-operationId-unique": "error",
    "operation-operationId-url-safe": "error",
    "tag-description": "error",
    "tags-alphabetical": "error",
    "no-invalid-schema-examples": "error",
    "spec-strict-refs": "error",
    // "{platform}/{connection}" beside "quickbooks/cloudevents": the literal one wins, as OpenAPI says.
    "no-ambiguous-paths": "off",
  },
});
const problems = await lint({ ref: process.argv[2], config });
for (const { ruleId, severity, message, location } of problems) {
  console.log(`${severity} ${ruleId} ${location?.[0]?.pointer ?? ""}: ${message}`);
}
console.log(`${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
