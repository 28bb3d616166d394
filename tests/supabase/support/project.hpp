#pragma once

#include <memory>
#include <string>

#include <syncline/json.hpp>

#include "http.hpp"
#include "postgres_server.hpp"

namespace syncline::test {

// A Supabase project to test against; simulated or real, used in the same way.
class Project {
public:
    struct Keys {
        std::string jwt_secret;
        std::string service_role;  // JWT
        std::string anon;          // JWT
        std::string secret;        // sb_secret_...
    };

    virtual ~Project() = default;
    virtual std::string name() const = 0;
    // Replaces the tables.
    virtual void load_schema(const std::string& sql) = 0;

    const std::string& url() const { return url_; }
    const Keys& keys() const { return keys_; }

    // A request as service_role unless `request` brings an apikey.
    plugin::HttpResponse send(plugin::HttpRequest request) const;
    // GET below /rest/v1, as JSON with exact numbers. Throws unless it succeeds.
    Json get(const std::string& path_and_query) const;
    // Deletes every row of Syncline's tables.
    void clear() const;

protected:
    std::string url_;
    Keys keys_;
};

// The program syncline-sandbox of this build.
class SimulatedProject : public Project {
public:
    SimulatedProject();
    std::string name() const override { return "simulator"; }
    void load_schema(const std::string& sql) override;
    // The control API below /_sandbox.
    Json control(const std::string& method, const std::string& path, const std::string& body = {});

private:
    TemporaryFolder folder_;
    std::unique_ptr<ChildProcess> program_;
};

// PostgreSQL 15, PostgREST 12.0.2 and a gateway that treats keys as Supabase's does.
class RealProject : public Project {
public:
    RealProject();
    ~RealProject() override;
    std::string name() const override { return "PostgREST 12.0.2"; }
    void load_schema(const std::string& sql) override;
    // Runs the statements; PostgREST has taken notice when it returns.
    void change_schema(const std::string& sql);
    PostgresServer& database() { return database_; }

private:
    struct Gateway;

    PostgresServer database_;
    TemporaryFolder folder_;
    std::unique_ptr<ChildProcess> postgrest_;
    std::unique_ptr<Gateway> gateway_;
    int marks_ = 0;
};

// One of each for the whole test program, with docs/supabase-schema.sql.
SimulatedProject& simulated_project();
RealProject& real_project();

std::string schema_sql();

}  // namespace syncline::test
