# Puts docs/supabase-schema.sql into the program, so that the simulated tables are the documented ones.
set(schema_file ${PROJECT_SOURCE_DIR}/docs/supabase-schema.sql)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${schema_file})
file(READ ${schema_file} SYNCLINE_SUPABASE_SCHEMA)
configure_file(${CMAKE_CURRENT_LIST_DIR}/supabase_schema.inc.in
               ${CMAKE_CURRENT_BINARY_DIR}/supabase_schema.inc @ONLY)
target_include_directories(syncline-sandbox PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
