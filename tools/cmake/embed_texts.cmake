# Writes OUTPUT: a C++ source that defines FUNCTION, declared in HEADER, which gives the files of FOLDER that
# end in SUFFIX, each under its name without the suffix. NAMESPACE: where both are, if not
# syncline::api.
if(NOT DEFINED NAMESPACE)
    set(NAMESPACE syncline::api)
endif()
file(GLOB files ${FOLDER}/*${SUFFIX})
list(SORT files)
set(text "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n\nconst std::vector<EmbeddedText>& ${FUNCTION}() {\n    static const std::vector<EmbeddedText> kTexts{\n")
foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME)
    string(REPLACE "${SUFFIX}" "" name "${name}")
    file(READ ${file} content)
    string(APPEND text "        {\"${name}\", R\"~~text~~(${content})~~text~~\"},\n")
endforeach()
string(APPEND text "    };\n    return kTexts;\n}\n\n}  // namespace ${NAMESPACE}\n")
file(WRITE ${OUTPUT} "${text}")
