// The programs of this project that run as services: what hailoctl has to know of each that
// nothing installed says. The rest (state, host, port, model) is asked of systemd and of the
// programs themselves.
//
// A new service is one entry of the table in service_table.cpp.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <npu/result.hpp>

namespace npu::cli {

// A request with a picture that hailoctl brings along, as a form.
struct SampleRequest {
  std::string_view path;
  std::string_view picture;  // the JPEG file's bytes
  // Where in the answer that is which was found: a list or a text; "": the answer is the list.
  std::string_view found;
  std::string_view what;  // of that list: "objects"
  std::vector<std::pair<std::string_view, std::string_view>> fields{};
};

inline constexpr const char* kConfigDir = "/etc/hailo";

// Of a program of this project, by its name.
std::string config_file_of(std::string_view name);
std::string unit_of(std::string_view name);

struct KnownService {
  std::string_view name;     // of its package, its program and its unit
  std::string_view purpose;  // as its unit says it
  int port = 0;              // by default
  std::optional<SampleRequest> request;

  // The manager has no HTTP service, but a page of its own.
  bool is_manager() const { return !request; }
  std::string unit() const { return unit_of(name); }
  std::string config_file() const { return config_file_of(name); }
  // The keys of the program's configuration that move it to other addresses.
  std::string_view host_key() const { return is_manager() ? "http.bind" : "server.host"; }
  std::string_view port_key() const { return is_manager() ? "http.bind" : "server.port"; }
};

// The manager first, then the services by name.
std::span<const KnownService> known_services();

// By its name, with or without `hailo-` and `.service`. kNotFound says which there are.
Result<const KnownService*> find_service(std::string_view name);
// Of a command's arguments; none: all.
Result<std::vector<const KnownService*>> find_services(const std::vector<std::string>& names);

}  // namespace npu::cli
