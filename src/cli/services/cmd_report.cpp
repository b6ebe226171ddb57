#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "base/version.hpp"
#include "base/write_all.hpp"
#include "cli/child.hpp"
#include "cli/commands.hpp"
#include "cli/services/at_once.hpp"
#include "cli/services/report_parts.hpp"
#include "cli/services/survey.hpp"
#include "cli/text.hpp"

namespace npu::cli {
namespace {

namespace fs = std::filesystem;

constexpr Millis kToPack = std::chrono::seconds(60);

struct ReportArguments {
  std::string output;
  std::string config_dir = kConfigDir;
};

// A folder that only its owner sees, gone at the end.
class PrivateFolder {
 public:
  PrivateFolder() {
    std::string pattern = (fs::temp_directory_path() / "hailo-report-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~PrivateFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string timestamp() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof(text), "%Y%m%d-%H%M%S", &parts);
  return text;
}

// Those that the programs say they have.
Redactor redactor_for(const std::vector<ServiceState>& states) {
  Redactor redactor;
  for (const auto& state : states) {
    if (!state.config) continue;
    for (const auto& key : state.config->keys) {
      if (!names_a_secret(key.key)) continue;
      redactor.add_secret(key.value);
      for (const auto& one : state.config->list(key.key)) redactor.add_secret(one);
    }
  }
  return redactor;
}

std::vector<std::string> this_program(const Context& context) {
  std::error_code failed;
  const fs::path self = fs::read_symlink("/proc/self/exe", failed);
  std::vector<std::string> words{failed ? "hailoctl" : self.string()};
  if (!context.socket.empty()) words.insert(words.end(), {"--socket", context.socket});
  return words;
}

std::string readme(const std::vector<ReportPart>& parts) {
  std::string text = fmt::format(
      "A report of hailoctl {}, made for people who are to find a fault.\n\n"
      "Taken out: values of keys that say token, password, secret or key, user and "
      "password of addresses.\n"
      "Still in it: names of models and files, addresses of clients that the log "
      "names, this machine's packages.\n\n",
      version());
  for (const auto& part : parts) text += fmt::format("{:<32} {}\n", part.file, part.what);
  return text;
}

// The owner's alone; of who called sudo. Fails where there is a file of the name.
Result<UniqueFd> create_private(const std::string& path) {
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) {
    return fail(ErrorCode::kPermission,
                fmt::format("cannot write {}: {}", path, std::generic_category().message(errno)));
  }
  const auto number = [](const char* name) {
    const char* text = std::getenv(name);
    unsigned value = 0;
    if (text == nullptr) return value;
    std::from_chars(text, text + std::char_traits<char>::length(text), value);
    return value;
  };
  if (::geteuid() == 0 && number("SUDO_UID") != 0) {
    // Who may not be given it can still be told the path.
    (void)!::fchown(file.get(), number("SUDO_UID"), number("SUDO_GID"));
  }
  return file;
}

// Packs the folder `name` of `within`, and moves the archive into the file.
Status pack(const fs::path& within, const std::string& name, int into) {
  const fs::path archive = within / "packed.tar.gz";
  const auto packed = run_child({"tar", "--owner=0", "--group=0", "--numeric-owner", "-C",
                                 within.string(), "-czf", archive.string(), name},
                                kToPack);
  if (!packed) return fail(packed.error());
  if (!packed->exited_with(0)) return fail(ErrorCode::kUnavailable, "tar: " + packed->errors);
  std::ifstream file(archive, std::ios::binary);
  std::string block(std::size_t{1} << 16, '\0');
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())).gcount() > 0) {
    const std::string_view read(block.data(), static_cast<std::size_t>(file.gcount()));
    if (const int why = write_all(into, read); why != 0) {
      return fail(ErrorCode::kUnavailable, std::generic_category().message(why));
    }
  }
  return {};
}

void print_contents(const Context& context, const std::string& output,
                    const std::vector<ReportPart>& parts, const std::vector<std::string>& texts) {
  if (context.json) {
    boost::json::array files;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      files.push_back(boost::json::object{
          {"file", parts[i].file}, {"what", parts[i].what}, {"bytes", texts[i].size()}});
    }
    print_json(boost::json::object{{"report", output}, {"files", std::move(files)}});
    return;
  }
  std::vector<std::vector<std::string>> rows{{"FILE", "BYTES", "WHAT"}};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    rows.push_back({parts[i].file, std::to_string(texts[i].size()), parts[i].what});
  }
  fmt::print(
      "{}\n{} has these files. Secrets of the configuration are taken out; addresses of clients "
      "and "
      "names of\nfiles are not. Look at it before you send it:  tar -xzOf {} | less\n",
      table(std::move(rows)), output, output);
  if (::geteuid() != 0) {
    fmt::print("With sudo it has more: logs and programs of other users.\n");
  }
}

int report_on(const Context& context, const ReportArguments& arguments) {
  const std::string name = "hailo-report-" + timestamp();
  const std::string output = arguments.output.empty() ? name + ".tar.gz" : arguments.output;
  const auto states = look_up(*find_services({}));
  std::vector<const KnownService*> installed;
  for (const auto& state : states) {
    if (state.installed()) installed.push_back(state.service);
  }
  const PrivateFolder folder;
  if (folder.path().empty()) {
    return context.report({ErrorCode::kUnavailable, "cannot make a folder for temporary files"},
                          "Name one with room:  TMPDIR=/var/tmp hailoctl report");
  }
  const fs::path inside = folder.path() / name;
  auto file = create_private(output);
  if (!file) return context.report(file.error(), "Name another file:  hailoctl report -o FILE");
  const auto give_up = [&](const Error& error) {
    ::unlink(output.c_str());
    return context.report(error, {});
  };

  const auto parts = report_parts(this_program(context), installed, arguments.config_dir);
  const Redactor redactor = redactor_for(states);
  std::vector<std::string> texts(parts.size());
  at_once(parts.size(), [&](std::size_t i) { texts[i] = text_of_part(parts[i], redactor); });
  std::error_code failed;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    fs::create_directories((inside / parts[i].file).parent_path(), failed);
    std::ofstream(inside / parts[i].file, std::ios::binary) << texts[i];
  }
  std::ofstream readme_file(inside / "README.txt");
  readme_file << readme(parts);
  if (!readme_file.flush()) {
    return give_up({ErrorCode::kUnavailable, "cannot write below " + folder.path().string()});
  }
  if (auto packed = pack(folder.path(), name, file->get()); !packed) return give_up(packed.error());
  print_contents(context, output, parts, texts);
  return kOk;
}

}  // namespace

void add_report(CLI::App& app, Context& context) {
  const auto arguments = std::make_shared<ReportArguments>();
  auto* command = app.add_subcommand("report", "Pack what a bug report needs into one file");
  command->footer(
      "State, versions, the last lines of the logs, the configuration without secrets, what doctor "
      "finds.\n"
      "What is not there is left out. Nothing is sent anywhere.\n\n"
      "Example:  sudo hailoctl report");
  command->add_option("-o,--output", arguments->output,
                      "File to write [hailo-report-DATE-TIME.tar.gz]");
  command->add_option("--dir", arguments->config_dir, "Folder of the configuration files")
      ->capture_default_str();
  command->callback([&context, arguments] { context.exit_code = report_on(context, *arguments); });
}

}  // namespace npu::cli
