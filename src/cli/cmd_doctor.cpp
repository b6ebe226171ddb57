#include <memory>
#include <sstream>

#include <unistd.h>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/doctor_checks.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

struct Style {
  const char* name;
  const char* colour;
};

Style style_of(Level level) {
  switch (level) {
    case Level::kGood: return {"ok", "\x1b[32m"};
    case Level::kWarning: return {"warning", "\x1b[33m"};
    case Level::kError: return {"error", "\x1b[31m"};
  }
  return {"", ""};
}

void print(const std::vector<Finding>& findings) {
  const bool colours = ::isatty(STDOUT_FILENO) != 0;
  for (const auto& finding : findings) {
    const Style style = style_of(finding.level);
    fmt::print("{}{:<8}{} {}\n", colours ? style.colour : "", style.name, colours ? "\x1b[0m" : "",
               finding.what);
    std::istringstream advice(finding.advice);
    for (std::string line; std::getline(advice, line);) fmt::print("           {}\n", line);
  }
}

int doctor(const Context& context, const std::vector<std::string>& model_dirs) {
  DoctorPaths paths;
  paths.client = context.client_options();
  if (!model_dirs.empty()) paths.model_dirs = model_dirs;
  const auto findings = examine(paths);
  if (!context.json) {
    print(findings);
    return exit_code_of(findings);
  }
  json::array out;
  for (const auto& finding : findings) {
    out.push_back(json::object{{"level", style_of(finding.level).name},
                               {"what", finding.what},
                               {"advice", finding.advice}});
  }
  print_json(out);
  return exit_code_of(findings);
}

}  // namespace

void add_doctor(CLI::App& app, Context& context) {
  const auto model_dirs = std::make_shared<std::vector<std::string>>();
  auto* command = app.add_subcommand("doctor", "Find out what is wrong and what to do about it");
  command->add_option("--model-dir", *model_dirs,
                      "Model directory to examine, instead of the usual ones");
  command->callback([&context, model_dirs] { context.exit_code = doctor(context, *model_dirs); });
}

}  // namespace npu::cli
