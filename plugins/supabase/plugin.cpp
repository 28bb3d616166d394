#include "supabase/connector.hpp"

SYNCLINE_PLUGIN("Syncline", "Apache-2.0", syncline::supabase::SupabaseConnector)
