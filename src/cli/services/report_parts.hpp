// What a report about this machine consists of.
#pragma once

#include <string>
#include <vector>

#include "cli/services/redact.hpp"
#include "cli/services/service_table.hpp"

namespace npu::cli {

struct ReportPart {
  std::string file;  // in the report
  std::string what;  // for people
  // One of them: a program whose output it is, or a file.
  std::vector<std::string> words{};
  std::string path{};
  // Written by people, as configuration is, and not by programs.
  bool is_config = false;
  Millis limit = std::chrono::seconds(20);
};

// hailoctl: this program with its global options. services: those whose units there are.
std::vector<ReportPart> report_parts(const std::vector<std::string>& hailoctl,
                                     const std::vector<const KnownService*>& services,
                                     const std::string& config_dir);

// Its text without secrets, a megabyte of its end at most; of what cannot be had, a line that says
// why.
std::string text_of_part(const ReportPart& part, const Redactor& redactor);

}  // namespace npu::cli
