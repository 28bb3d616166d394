// A connector with one mistake, chosen by a macro; see CMakeLists.txt for what the compiler must
// say. Without a macro it compiles.
#include <syncline/plugin/connector.hpp>

using namespace syncline;          // NOLINT(google-build-using-namespace)
using namespace syncline::plugin;  // NOLINT(google-build-using-namespace)

#ifdef MISTAKE_FINAL
#define FINAL final
#else
#define FINAL
#endif

class Acme FINAL {
public:
#ifndef MISTAKE_NO_ID
    static constexpr const char* kId = "com.example.acme";
#endif
    static constexpr const char* kVersion = "0.1.0";

#ifdef MISTAKE_SPEC
    static Json spec();
#else
    static Spec spec();
#endif

#ifdef MISTAKE_CONSTRUCTOR
    explicit Acme(Host);
#else
    Acme(Host, const Json&);
#endif

#if defined(MISTAKE_ANSWER)
    Page read(Call&, const ReadRequest&);
#elif defined(MISTAKE_PARAMETERS)
    Result<Page> read(const ReadRequest&);
#elif defined(MISTAKE_PRIVATE)
private:
    Result<Page> read(Call&, const ReadRequest&);

public:
#elif defined(MISTAKE_OVERLOADED)
    Result<Page> read(Call&, const ReadRequest&);
    Result<Page> read(Call&, const std::string&);
#elif defined(MISTAKE_TEMPLATE)
    template <class Request>
    Result<Page> read(Call&, const Request&);
#elif defined(MISTAKE_VARIABLE)
    int read = 0;
#else
    Result<Page> read(Call&, const ReadRequest&);
#endif

#ifdef MISTAKE_WRITE
    Result<void> write(Call&, WriteRequest&, Outcomes&);
#else
    Result<void> write(Call&, const WriteRequest&, Outcomes&);
#endif

#ifdef MISTAKE_WEBHOOK
    Result<void> webhook_parse(Call&, const Json&);
#else
    Result<Json> webhook_parse(Call&, const Json&);
#endif
};

SYNCLINE_PLUGIN("Example Ltd", "Apache-2.0", Acme)
