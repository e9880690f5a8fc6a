class Reimport < Formula
  desc "Moves the users of an Auth0 tenant"
  homepage "https://git.example/reimport"
  version "9.8.7"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "https://git.example/reimport/releases/download/v9.8.7/reimport-v9.8.7-aarch64-apple-darwin.tar.gz"
      sha256 "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
    end
    on_intel do
      url "https://git.example/reimport/releases/download/v9.8.7/reimport-v9.8.7-x86_64-apple-darwin.tar.gz"
      sha256 "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
    end
  end

  on_linux do
    on_arm do
      url "https://git.example/reimport/releases/download/v9.8.7/reimport-v9.8.7-aarch64-unknown-linux-musl.tar.gz"
      sha256 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
    end
    on_intel do
      url "https://git.example/reimport/releases/download/v9.8.7/reimport-v9.8.7-x86_64-unknown-linux-musl.tar.gz"
      sha256 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    end
  end

  def install
    bin.install "reimport"
    generate_completions_from_executable(bin/"reimport", "completions")
    (man1/"reimport.1").write Utils.safe_popen_read(bin/"reimport", "man")
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/reimport --version")
  end
end
