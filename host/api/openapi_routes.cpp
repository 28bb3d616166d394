// The API's description of itself, for everybody.
#include "api/backend.hpp"
#include "api/error_pages.hpp"
#include "api/http/input.hpp"
#include "api/openapi.hpp"
#include "api/routes.hpp"

namespace syncline::api {

Result<Response> show_openapi(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    // The same until the program ends.
    static const Result<Json> kDocument =
        openapi_document(api_routes(), embedded_openapi(), backend.version);
    if (!kDocument) {
        return kDocument.error();
    }
    return json_response(*kDocument);
}

Result<Response> show_error_page(Backend&, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    const std::string& name = request.at("name");
    const auto page = error_page(name);
    if (!page) {
        return Error{
            ErrorCode::kNotFound,
            "there is no page about '" + name.substr(0, 60) +
                "'; if a connector names its errors so, its own documentation has it",
            {}};
    }
    return Response{200, "text/markdown; charset=utf-8", *page, {}};
}

}  // namespace syncline::api
