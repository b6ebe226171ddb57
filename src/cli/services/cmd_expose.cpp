#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/question.hpp"
#include "cli/services/expose.hpp"
#include "store/part_file.hpp"

namespace npu::cli {
namespace {

namespace fs = std::filesystem;

struct ExposeArguments {
  std::string name;
  bool docker = false;
  std::string bridge = "docker0";
  std::string address;
  bool undo = false;
  bool yes = false;
  std::string unit_dir = "/etc/systemd/system";
};

std::string sudo_advice(const ExposeArguments& arguments, const std::string& option) {
  return fmt::format("Only root may do that:  sudo hailoctl expose {} {}", arguments.name, option);
}

Status write_drop_in(const std::string& path, const std::string& text) {
  if (auto made = store::make_folders(fs::path(path).parent_path()); !made) return made;
  return store::replace_file(path, text);
}

Status count_now(const KnownService& service) {
  const Systemd systemd;
  if (auto read = systemd.tell({"daemon-reload"}); !read) return read;
  return systemd.tell({"try-restart", service.unit()});
}

int undo(const Context& context, const ExposeArguments& arguments, const KnownService& service) {
  const std::string path = drop_in_path(service, arguments.unit_dir);
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) {
      return context.report(
          {ErrorCode::kNotFound,
           fmt::format("{} is not there: hailoctl has not exposed {}", path, service.name)},
          fmt::format("See where it listens, and by what:  hailoctl expose {}", service.name));
    }
    const bool forbidden = errno == EACCES || errno == EPERM || errno == EROFS;
    return context.report(
        {forbidden ? ErrorCode::kPermission : ErrorCode::kUnavailable,
         fmt::format("cannot write {}: {}", path, std::generic_category().message(errno))},
        sudo_advice(arguments, "--undo"));
  }
  ::rmdir(fs::path(path).parent_path().c_str());  // where nothing else is in it
  if (const auto done = count_now(service); !done) return context.report(done.error(), {});
  if (context.json) {
    print_json(boost::json::object{{"service", service.name}, {"removed", path}});
  } else {
    fmt::print("{} listens where its configuration says again. Removed: {}\n", service.name, path);
  }
  return kOk;
}

int show_exposure(const Context& context, const ServiceState& state) {
  const ConfigKey& host = *state.config->find("server.host");
  if (context.json) {
    print_json(boost::json::object{{"service", state.service->name},
                                   {"host", state.host},
                                   {"port", state.port},
                                   {"from", host.from},
                                   {"where", host.where}});
  } else {
    fmt::print("{} listens on {}, port {} ({})\n", state.service->name, state.host, state.port,
               host.from == "default" ? "its default" : "set by " + host.where);
  }
  return kOk;
}

int apply_exposure(const Context& context, const ExposeArguments& arguments,
                   const ServiceState& state, const Exposure& exposure) {
  const std::string means = consequences(state, exposure);
  if (!context.json) fmt::print("{}", means);
  if (!arguments.yes && !agrees("Do it?")) {
    return context.report({ErrorCode::kCancelled, "nothing was changed"},
                          "Say --yes to do it without a question");
  }
  const std::string path = drop_in_path(*state.service, arguments.unit_dir);
  const std::string option =
      arguments.docker ? "--docker" : fmt::format("--address '{}'", arguments.address);
  auto done = write_drop_in(path, drop_in_text(state, exposure));
  if (done) done = count_now(*state.service);
  if (!done) {
    const bool forbidden = done.error().code == ErrorCode::kPermission;
    return context.report(done.error(), forbidden ? sudo_advice(arguments, option) : "");
  }
  if (context.json) {
    print_json(boost::json::object{{"service", state.service->name},
                                   {"host", exposure.hosts},
                                   {"port", state.port},
                                   {"drop_in", path},
                                   {"means", means}});
  } else {
    fmt::print("Done: {}\nTry it:  hailoctl verify {}\n", path, state.service->name);
  }
  return kOk;
}

int expose(const Context& context, const ExposeArguments& arguments) {
  const auto service = find_service(arguments.name);
  if (!service) return context.report(service.error(), {});
  if ((*service)->is_manager()) {
    return context.report({ErrorCode::kUnsupported,
                           "the manager's socket is for this machine; http.bind is where its "
                           "status page listens"},
                          fmt::format("Set it in {}", (*service)->config_file()));
  }
  if (arguments.undo) return undo(context, arguments, **service);
  const auto state = look_up({*service}).front();
  if (!state.config) return context.report(state.config_error, {});
  const ConfigKey* host = state.config->find("server.host");
  if (host == nullptr || host->env.empty()) {
    return context.report({ErrorCode::kVersionMismatch, "it has no setting server.host"}, {});
  }
  if (!arguments.docker && arguments.address.empty()) return show_exposure(context, state);
  if (host->from == "flag") {
    return context.report({ErrorCode::kBusy, fmt::format("the unit of {} sets server.host by {}, "
                                                         "which wins over what hailoctl writes",
                                                         (*service)->name, host->where)},
                          fmt::format("Change that:  sudo systemctl edit {}", (*service)->name));
  }
  const auto exposure = arguments.docker ? expose_to_containers(arguments.bridge, interfaces())
                                         : expose_to_network(arguments.address, interfaces());
  if (!exposure) return context.report(exposure.error(), {});
  return apply_exposure(context, arguments, state, *exposure);
}

}  // namespace

void add_expose(CLI::App& app, Context& context) {
  const auto arguments = std::make_shared<ExposeArguments>();
  auto* command = app.add_subcommand("expose", "Let containers or the network reach a service");
  command->footer(
      "Services listen on 127.0.0.1 only. This adds an address by a drop-in of the unit, which "
      "updates of\n"
      "packages leave alone, says what it means, asks, and starts the service again. Without an "
      "option\nit says where the service listens.\n\n"
      "Examples:  sudo hailoctl expose detect --docker\n"
      "           sudo hailoctl expose detect --address 192.168.1.7\n"
      "           sudo hailoctl expose detect --undo");
  command->add_option("SERVICE", arguments->name, "Name of a service, such as detect")->required();
  auto* docker = command->add_flag("--docker", arguments->docker,
                                   "To containers: on the address of Docker's bridge");
  command
      ->add_option("--bridge", arguments->bridge, "Another bridge than Docker's, such as podman0")
      ->needs(docker)
      ->capture_default_str();
  auto* address = command
                      ->add_option("--address", arguments->address,
                                   "To a network: an address of this machine, or * for all")
                      ->excludes(docker);
  command->add_flag("--undo", arguments->undo, "To this machine only, as before")
      ->excludes(docker)
      ->excludes(address);
  command->add_flag("-y,--yes", arguments->yes, "Do it without a question");
  command->add_option("--unit-dir", arguments->unit_dir, "Folder of the administrator's units")
      ->capture_default_str();
  command->callback([&context, arguments] { context.exit_code = expose(context, *arguments); });
}

}  // namespace npu::cli
